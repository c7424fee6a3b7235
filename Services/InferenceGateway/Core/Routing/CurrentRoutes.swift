import Synchronization

/// The route table in force. A request takes it once and keeps it to its end; a change swaps the whole.
public final class CurrentRoutes: Sendable {
    private let current: Mutex<RouteTable>

    public init(_ table: RouteTable = .empty) { current = Mutex(table) }

    public var table: RouteTable { current.withLock { $0 } }

    /// Puts a table made of `entries` in force. One caller at a time: the poller.
    public func replace(with entries: [RouteTable.Entry]) {
        let next = RouteTable(entries, after: table)
        current.withLock { $0 = next }
    }
}

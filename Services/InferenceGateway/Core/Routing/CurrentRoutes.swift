import Synchronization

/// The route table in force. A request takes it once and keeps it to its end; a change swaps the whole.
public final class CurrentRoutes: Sendable {
    private let current: Mutex<RouteTable>

    public init(_ table: RouteTable = .empty) { current = Mutex(table) }

    public var table: RouteTable { current.withLock { $0 } }

    /// Puts a table made of `entries` in force. One caller at a time: the poller.
    public func replace(with entries: [RouteTable.Entry]) {
        change([0: entries], isWhole: true)
    }

    /// Puts a table in force that has other entries in these shards. One caller at a time: the poller.
    ///
    /// - Parameter isWhole: shards that are not among `shards` are empty.
    /// - Returns: the instances that get no more requests.
    @discardableResult
    public func change(_ shards: [Int: [RouteTable.Entry]], isWhole: Bool) -> [Upstream] {
        let next = RouteTable(changing: shards, isWhole: isWhole, after: table)
        current.withLock { $0 = next }
        for route in next.changed { route.takeOver() }
        for route in next.closed { route.close() }
        return next.departed
    }
}

import Synchronization

/// One instance of a service, with how busy this gateway keeps it.
public final class Upstream: Sendable {
    public let address: UpstreamAddress
    public let meter: InstanceMeter
    private let count = Atomic<Int>(0)

    init(address: UpstreamAddress, meter: InstanceMeter) {
        self.address = address
        self.meter = meter
    }

    /// Requests sent to it whose answers have not ended.
    public var outstanding: Int { count.load(ordering: .relaxed) }

    /// Every call is followed by one of `end()`.
    public func begin() { count.add(1, ordering: .relaxed) }

    public func end() { count.subtract(1, ordering: .relaxed) }
}

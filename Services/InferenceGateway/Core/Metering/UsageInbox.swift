import Domain
import Synchronization

/// Which meters have counted something that was not reported yet. It costs a request nothing unless it is the first
/// of its instance since the last look.
public final class UsageInbox: Sendable {
    private let meters = Mutex<[InstanceMeter]>([])

    public init() {}

    /// Counts a request, and sees to it that it will be reported.
    public func record(_ outcome: InstanceMeter.Outcome, of meter: InstanceMeter) {
        guard meter.record(outcome) else { return }
        meters.withLock { $0.append(meter) }
    }

    /// What was counted since the last call.
    public func take() -> [ModelServiceInstanceID: UsageCounts] {
        let waiting = meters.withLock { meters in
            defer { meters = [] }
            return meters
        }
        var counts: [ModelServiceInstanceID: UsageCounts] = [:]
        for meter in waiting { counts[meter.instanceID, default: UsageCounts()] += meter.takeUnreported() }
        return counts
    }
}

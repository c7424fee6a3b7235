/// One process, and no other that may get its pid later.
public struct ProcessIdentity: Hashable, Sendable, Codable {
    public let pid: Int32
    /// Clock ticks after boot, as in `/proc/PID/stat`.
    public let startTime: UInt64
    /// Of this boot of the machine, as the kernel tells it: start times begin anew with each.
    public let bootID: String

    public init(pid: Int32, startTime: UInt64, bootID: String) {
        self.pid = pid
        self.startTime = startTime
        self.bootID = bootID
    }

    private enum CodingKeys: String, CodingKey {
        case pid
        case startTime = "start_time"
        case bootID = "boot_id"
    }
}

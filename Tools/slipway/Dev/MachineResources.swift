import FoundationEssentials

/// What this machine has for engines.
struct MachineResources: Hashable, Sendable {
    let cores: Int
    let memoryMebibytes: Int64
    let gpus: Int

    /// Reads the kernel's tables; a limit of the control group that this process is in counts too.
    /// - Parameter root: where `/proc`, `/sys` and `/dev` are; tests bring their own.
    static func read(root: String = "", cores: Int = ProcessInfo.processInfo.activeProcessorCount) -> MachineResources {
        let total = memoryTotalBytes(text("\(root)/proc/meminfo")) ?? 0
        let limit = text("\(root)/sys/fs/cgroup/memory.max").flatMap { Int64($0.filter(\.isNumber)) } ?? Int64.max
        let devices = (try? FileManager.default.contentsOfDirectory(atPath: "\(root)/dev")) ?? []
        let gpus = devices.count { name in
            name.hasPrefix("nvidia") && name.count > "nvidia".count
                && name.dropFirst("nvidia".count).allSatisfy(\.isNumber)
        }
        return MachineResources(
            cores: max(1, cores), memoryMebibytes: max(1, min(total, limit) >> 20), gpus: gpus)
    }

    private static func memoryTotalBytes(_ table: String?) -> Int64? {
        let line = table?.split(separator: "\n").first { $0.hasPrefix("MemTotal:") }
        return line?.split(separator: " ").dropFirst().first.flatMap { Int64($0) }.map { $0 << 10 }
    }

    private static func text(_ file: String) -> String? {
        FileManager.default.contents(atPath: file).map { String(decoding: $0, as: UTF8.self) }
    }
}

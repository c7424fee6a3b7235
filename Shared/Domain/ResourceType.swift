/// What a pool holds, with the unit in which its capacity is counted.
public enum ResourceType: String, Hashable, Sendable, Codable, CaseIterable {
    /// Whole devices.
    case gpu = "GPU"
    /// Millicores: 1000 are one core.
    case cpu = "CPU"
    /// Mebibytes.
    case memory = "Memory"
}

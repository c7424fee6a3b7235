/// What one instance needs, in each type's unit. Zero means that it needs none of that type.
public struct ResourceRequirements: Hashable, Sendable {
    public let gpuDevices: Int64
    public let cpuMillicores: Int64
    public let memoryMebibytes: Int64

    public init(gpuDevices: Int64 = 0, cpuMillicores: Int64 = 0, memoryMebibytes: Int64 = 0) {
        self.gpuDevices = gpuDevices
        self.cpuMillicores = cpuMillicores
        self.memoryMebibytes = memoryMebibytes
    }

    /// The types that are needed at all, with how much.
    public var amounts: [(type: ResourceType, amount: Int64)] {
        [(.gpu, gpuDevices), (.cpu, cpuMillicores), (.memory, memoryMebibytes)].filter { $0.amount > 0 }
    }
}

extension ResourceRequirements {
    /// Parses the wire form, Kubernetes quantities by lower-case name (`gpu`, `cpu`, `memory`), and reports every
    /// problem at once under `path`. Memory is rounded up to whole MiB, CPU to whole millicores.
    public static func parse(_ quantities: [String: String], path: String) throws(ServiceError) -> Self {
        var problems: [FieldProblem] = []
        func amount(_ name: String, _ unit: ResourceQuantity.Unit) -> Int64 {
            guard let text = quantities[name] else { return 0 }
            do throws(ResourceQuantity.ParseError) {
                return try ResourceQuantity(text).amount(in: unit)
            } catch {
                problems.append(FieldProblem(field: "\(path)/\(name)", message: error.message))
                return 0
            }
        }
        for name in quantities.keys.sorted() where !["gpu", "cpu", "memory"].contains(name) {
            problems.append(FieldProblem(field: "\(path)/\(name)", message: "unknown resource; use gpu, cpu or memory"))
        }
        let requirements = Self(
            gpuDevices: amount("gpu", .wholes), cpuMillicores: amount("cpu", .thousandths),
            memoryMebibytes: amount("memory", .mebi))
        guard problems.isEmpty else { throw .invalid(problems) }
        return requirements
    }

    /// The wire form: `["gpu": "1", "cpu": "500m", "memory": "512Mi"]`, needed types only.
    public var quantities: [String: String] {
        var result: [String: String] = [:]
        if gpuDevices > 0 { result["gpu"] = "\(gpuDevices)" }
        if cpuMillicores > 0 { result["cpu"] = "\(cpuMillicores)m" }
        if memoryMebibytes > 0 { result["memory"] = "\(memoryMebibytes)Mi" }
        return result
    }
}

extension ResourceRequirements: Codable {
    private enum CodingKeys: String, CodingKey {
        case gpuDevices = "gpu_devices"
        case cpuMillicores = "cpu_millicores"
        case memoryMebibytes = "memory_mebibytes"
    }
}

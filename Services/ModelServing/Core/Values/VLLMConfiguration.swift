import Domain

/// What vLLM is told, read from a service's engine configuration: the same for every runtime.
public struct VLLMConfiguration: Hashable, Sendable {
    private let engine: EngineConfiguration

    public init(_ engine: EngineConfiguration) { self.engine = engine }

    /// Devices, or processes without any, that one replica is spread over.
    public var parallelism: Int { (engine.tensorParallelSize ?? 1) * (engine.pipelineParallelSize ?? 1) }

    /// Everything that can be known to be wrong before vLLM says it, under the field names of the request.
    public func problems(
        serviceName: ServiceName? = nil, requirements: ResourceRequirements
    ) -> [FieldProblem] {
        var problems = VLLMArguments.problems(with: engine.arguments ?? [:])
        func reject(_ field: String, _ message: String) {
            problems.append(FieldProblem(field: "/engine/\(field)", message: message))
        }
        if let dataType = engine.dataType, !VLLMArguments.dataTypes.contains(dataType) {
            reject("data_type", "must be one of \(VLLMArguments.dataTypes.joined(separator: ", "))")
        }
        if let quantization = engine.quantization, !quantization.isWordOfVLLM {
            reject("quantization", "must be a name of small letters, digits, \"_\", \"-\" and \".\"")
        }
        let devices = requirements.gpuDevices
        if devices > 0, Int64(parallelism) > devices {
            reject(
                engine.tensorParallelSize == nil ? "pipeline_parallel_size" : "tensor_parallel_size",
                "one replica would be spread over \(parallelism) devices, and asks for \(devices)")
        }
        var names: Set<String> = []
        for (index, adapter) in (engine.adapters ?? []).enumerated() {
            if !names.insert(adapter.name).inserted || adapter.name == serviceName?.description {
                reject("adapters/\(index)/name", "\"\(adapter.name)\" is taken already")
            }
            if !adapter.name.isAdapterName {
                reject("adapters/\(index)/name", "must hold letters, digits, \"_\", \"-\", \".\" and \"/\" only")
            }
            let isPath = !adapter.path.isEmpty && adapter.path.utf8.allSatisfy { $0 > 0x20 && $0 != 0x3D && $0 != 0x7F }
            if !isPath || adapter.path.split(separator: "/").contains("..") {
                reject("adapters/\(index)/path", "must be a folder, without \"..\", \"=\" or spaces on the way")
            }
        }
        return problems
    }

    /// Of `vllm serve`, the model, the address and the name aside.
    /// - Parameter modelPath: the folder that relative adapter paths lie in.
    public func commandLine(modelPath: String) -> [String] {
        var words: [String] = []
        for (name, value) in named.sorted(by: { $0.key < $1.key }) { words += Self.words(name, value) }
        if let adapters = engine.adapters, !adapters.isEmpty {
            words += ["--enable-lora", "--lora-modules"]
            words += adapters.map { "\($0.name)=\(Self.path(of: $0, modelPath))" }
        }
        return words
    }

    /// By vLLM's names in Python, as Ray Serve's `engine_kwargs` take them. What only `vllm serve` knows is left out.
    public var keywordArguments: [String: EngineConfiguration.ArgumentValue] {
        var result: [String: EngineConfiguration.ArgumentValue] = [:]
        for (name, value) in named where VLLMArguments.allowed[name]?.reader != .server {
            result[String(name.map { $0 == "-" ? "_" : $0 })] = value
        }
        if engine.adapters?.isEmpty == false { result["enable_lora"] = .flag(true) }
        return result
    }

    /// Where the arguments are that only `vllm serve` knows, for a runtime that does not use it.
    public var serverArguments: [String] {
        (engine.arguments ?? [:]).keys.filter { VLLMArguments.allowed[$0]?.reader == .server }.sorted()
    }

    private var named: [String: EngineConfiguration.ArgumentValue] {
        var result = engine.arguments ?? [:]
        if let length = engine.contextLength { result["max-model-len"] = .integer(Int64(length)) }
        if let type = engine.dataType { result["dtype"] = .text(type) }
        if let quantization = engine.quantization { result["quantization"] = .text(quantization) }
        if let size = engine.tensorParallelSize { result["tensor-parallel-size"] = .integer(Int64(size)) }
        if let size = engine.pipelineParallelSize { result["pipeline-parallel-size"] = .integer(Int64(size)) }
        return result
    }

    private static func words(_ name: String, _ value: EngineConfiguration.ArgumentValue) -> [String] {
        switch value {
        case .flag(let isOn): [isOn ? "--\(name)" : "--no-\(name)"]
        case .integer(let integer): ["--\(name)=\(integer)"]
        case .number(let number): ["--\(name)=\(number)"]
        case .text(let text): ["--\(name)=\(text)"]
        }
    }

    private static func path(of adapter: EngineConfiguration.Adapter, _ modelPath: String) -> String {
        adapter.path.hasPrefix("/") ? adapter.path : "\(modelPath)/\(adapter.path)"
    }
}

extension ServiceConfiguration {
    /// What of the engine's configuration no runtime would take.
    var engineProblems: [FieldProblem] {
        switch engine?.kind {
        case .vllm: engine.map { VLLMConfiguration($0).problems(requirements: requirements) } ?? []
        case nil: []
        }
    }
}

extension String {
    /// Nothing that `name=path` could be read otherwise for.
    fileprivate var isAdapterName: Bool {
        guard let first = utf8.first, utf8.count <= EngineConfiguration.Adapter.maximumNameLength else { return false }
        guard first != UInt8(ascii: "-"), first != UInt8(ascii: "/") else { return false }
        return utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "/"):
                true
            default: false
            }
        }
    }
}

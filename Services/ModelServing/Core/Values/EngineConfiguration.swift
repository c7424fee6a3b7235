/// An engine that Slipway knows how to start, and what it is told: takes the place of a model definition file.
public struct EngineConfiguration: Hashable, Sendable, Codable {
    public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        case vllm
    }

    /// Weights that are added to the model's own under a name by which requests ask for them (LoRA).
    public struct Adapter: Hashable, Sendable, Codable {
        public static let maximumNameLength = 128
        public static let maximumPathLength = 1024

        /// The `model` of requests that want it.
        public var name: String
        /// Its folder, inside the model's own if the path is relative.
        public var path: String

        public init(name: String, path: String) {
            self.name = name
            self.path = path
        }
    }

    /// The value of one of the engine's own arguments.
    public enum ArgumentValue: Hashable, Sendable {
        case flag(Bool)
        case integer(Int64)
        case number(Double)
        case text(String)
    }

    public static let maximumAdapters = 64
    public static let maximumArguments = 64
    /// Characters of an argument's text, and of a word such as a data type.
    public static let maximumTextLength = 1024
    public static let maximumWordLength = 64
    /// Tokens.
    public static let contextLengthRange = 1...16_777_216
    /// Devices of one replica, in each direction.
    public static let parallelRange = 1...64

    public var kind: Kind
    /// Tokens of prompt and answer together; nil leaves it to the model.
    public var contextLength: Int?
    public var dataType: String?
    public var quantization: String?
    public var tensorParallelSize: Int?
    public var pipelineParallelSize: Int?
    public var adapters: [Adapter]?
    /// By the engine's own long names, without dashes in front. Only those of an allow-list are taken.
    public var arguments: [String: ArgumentValue]?

    public init(
        kind: Kind, contextLength: Int? = nil, dataType: String? = nil, quantization: String? = nil,
        tensorParallelSize: Int? = nil, pipelineParallelSize: Int? = nil, adapters: [Adapter]? = nil,
        arguments: [String: ArgumentValue]? = nil
    ) {
        self.kind = kind
        self.contextLength = contextLength
        self.dataType = dataType
        self.quantization = quantization
        self.tensorParallelSize = tensorParallelSize
        self.pipelineParallelSize = pipelineParallelSize
        self.adapters = adapters?.isEmpty == true ? nil : adapters
        self.arguments = arguments?.isEmpty == true ? nil : arguments
    }

    private enum CodingKeys: String, CodingKey {
        case kind, quantization, adapters, arguments
        case contextLength = "context_length"
        case dataType = "data_type"
        case tensorParallelSize = "tensor_parallel_size"
        case pipelineParallelSize = "pipeline_parallel_size"
    }
}

/// Written as what it is in JSON. Whole numbers beyond 53 bits would lose digits in the state store, and no engine
/// takes such.
extension EngineConfiguration.ArgumentValue: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let flag = try? container.decode(Bool.self) {
            self = .flag(flag)
        } else if let integer = try? container.decode(Int64.self) {
            self = .integer(integer)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else {
            self = .text(try container.decode(String.self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .flag(let flag): try container.encode(flag)
        case .integer(let integer): try container.encode(integer)
        case .number(let number): try container.encode(number)
        case .text(let text): try container.encode(text)
        }
    }
}

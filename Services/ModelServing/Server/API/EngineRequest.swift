import Domain
import JSON
import ModelServingCore

/// `engine` of a service's body.
extension EngineConfiguration {
    /// Reads all of it; every problem is the fields' to tell.
    init?(_ fields: JSONFields) {
        let kind: Kind? = fields.optionalChoice("kind")
        if fields.optional("kind") == nil { fields.reject("kind", "is required") }
        let contextLength = fields.optionalInteger("context_length", in: Self.contextLengthRange)
        let dataType = fields.optionalString("data_type", maximumLength: Self.maximumWordLength)
        let quantization = fields.optionalString("quantization", maximumLength: Self.maximumWordLength)
        let tensor = fields.optionalInteger("tensor_parallel_size", in: Self.parallelRange)
        let pipeline = fields.optionalInteger("pipeline_parallel_size", in: Self.parallelRange)
        let adapters = fields.optionalObjects("adapters", maximumCount: Self.maximumAdapters)?.map(Adapter.init)
        if let adapters, Set(adapters.map(\.name)).count < adapters.count {
            fields.reject("adapters", "two of them have the same name")
        }
        let arguments = Self.arguments(fields)
        guard let kind else { return nil }
        self.init(
            kind: kind, contextLength: contextLength, dataType: dataType, quantization: quantization,
            tensorParallelSize: tensor, pipelineParallelSize: pipeline, adapters: adapters, arguments: arguments)
    }

    private static func arguments(_ fields: JSONFields) -> [String: ArgumentValue]? {
        guard let value = fields.optional("arguments") else { return nil }
        guard let members = value.objectValue?.members, members.count <= maximumArguments else {
            fields.reject("arguments", "must be an object of at most \(maximumArguments) arguments")
            return nil
        }
        var arguments: [String: ArgumentValue] = [:]
        for (name, value) in members {
            guard let argument = ArgumentValue(value), name.utf8.count <= maximumWordLength else {
                fields.reject(
                    "arguments",
                    "\(name.prefix(maximumWordLength)) must be true, false, a number or a text of at most "
                        + "\(maximumTextLength) characters")
                continue
            }
            arguments[name] = argument
        }
        return arguments
    }

    var json: JSONValue {
        var document = JSONObject([("kind", .string(kind.rawValue))])
        document["context_length"] = contextLength.map { .integer(Int64($0)) }
        document["data_type"] = dataType.map(JSONValue.string)
        document["quantization"] = quantization.map(JSONValue.string)
        document["tensor_parallel_size"] = tensorParallelSize.map { .integer(Int64($0)) }
        document["pipeline_parallel_size"] = pipelineParallelSize.map { .integer(Int64($0)) }
        document["adapters"] = adapters.map { adapters in
            .array(adapters.map { ["name": .string($0.name), "path": .string($0.path)] })
        }
        document["arguments"] = arguments.map { arguments in
            .object(JSONObject(arguments.sorted { $0.key < $1.key }.map { ($0.key, $0.value.json) }))
        }
        return .object(document)
    }
}

extension EngineConfiguration.Adapter {
    fileprivate init(_ fields: JSONFields) {
        self.init(
            name: fields.string("name", maximumLength: Self.maximumNameLength),
            path: fields.string("path", maximumLength: Self.maximumPathLength))
    }
}

extension EngineConfiguration.ArgumentValue {
    fileprivate init?(_ value: JSONValue) {
        switch value {
        case .bool(let flag): self = .flag(flag)
        case .integer(let integer): self = .integer(integer)
        case .number(let number): self = .number(number)
        case .string(let text):
            let isPlain = text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
            guard text.utf8.count <= EngineConfiguration.maximumTextLength, isPlain else { return nil }
            self = .text(text)
        case .null, .array, .object: return nil
        }
    }

    fileprivate var json: JSONValue {
        switch self {
        case .flag(let flag): .bool(flag)
        case .integer(let integer): .integer(integer)
        case .number(let number): .number(number)
        case .text(let text): .string(text)
        }
    }
}

import JSON
import ModelServingCore

/// What the words in braces of an application's arguments and environment stand for. Other braces are left alone.
struct ApplicationPlaceholders: Hashable, Sendable {
    static let modelPath = "{model_path}"
    static let serviceName = "{service_name}"

    private let values: [(word: String, value: String)]

    init(_ deployment: Deployment, modelPath: String?) {
        values =
            [(Self.serviceName, deployment.serviceName.description)]
            + (modelPath.map { [(Self.modelPath, $0)] } ?? [])
    }

    func expand(_ text: String) -> String {
        var result = text
        for (word, value) in values { result = result.split(word).joined(separator: value) }
        return result
    }

    func expand(_ value: JSONValue) -> JSONValue {
        switch value {
        case .null, .bool, .integer, .number: value
        case .string(let text): .string(expand(text))
        case .array(let elements): .array(elements.map(expand))
        case .object(let object): .object(JSONObject(object.members.map { ($0.name, expand($0.value)) }))
        }
    }

    static func == (left: Self, right: Self) -> Bool { left.values.elementsEqual(right.values) { $0 == $1 } }

    func hash(into hasher: inout Hasher) { for (_, value) in values { hasher.combine(value) } }
}

extension String {
    fileprivate func split(_ separator: String) -> [Substring] {
        var parts: [Substring] = []
        var rest = self[...]
        while let range = rest.firstRange(of: separator) {
            parts.append(rest[..<range.lowerBound])
            rest = rest[range.upperBound...]
        }
        return parts + [rest]
    }
}

import JSON

/// A Dapr component file's content, with its secrets put in.
struct Component: Hashable, Sendable {
    let name: String
    /// For example `state.sqlite`.
    let type: String
    let version: String
    /// Start even if this one cannot.
    let ignoresErrors: Bool
    /// The apps that see it; empty for all.
    let scopes: [String]
    private let metadata: [String: String]

    /// - Parameter secret: the secret of this store, name and key; nil if there is no such store.
    init(
        _ document: JSONValue, secret: (_ store: String, _ name: String, _ key: String) -> String?,
        environment: [String: String]
    ) throws(ComponentFileError) {
        guard let name = document["metadata"]?["name"]?.stringValue, !name.isEmpty,
            let spec = document["spec"], let type = spec["type"]?.stringValue
        else { throw ComponentFileError(message: "a component needs metadata.name and spec.type") }
        self.name = name
        self.type = type
        version = spec["version"]?.stringValue ?? "v1"
        ignoresErrors = spec["ignoreErrors"]?.boolValue ?? false
        scopes = (document["scopes"]?.arrayValue ?? []).compactMap(\.stringValue)
        let secretStore = document["auth"]?["secretStore"]?.stringValue
        var metadata: [String: String] = [:]
        for item in spec["metadata"]?.arrayValue ?? [] {
            guard let field = item["name"]?.stringValue else {
                throw ComponentFileError(message: "component \(name): an entry of spec.metadata has no name")
            }
            if let reference = item["secretKeyRef"] {
                let key = reference["name"]?.stringValue ?? ""
                guard let secretStore, let value = secret(secretStore, key, reference["key"]?.stringValue ?? key) else {
                    throw ComponentFileError(
                        message: "component \(name): no secret store \"\(secretStore ?? "")\" for \(field)")
                }
                metadata[field.lowercased()] = value
            } else if let variable = item["envRef"]?.stringValue {
                metadata[field.lowercased()] = environment[variable] ?? ""
            } else {
                metadata[field.lowercased()] = Self.text(item["value"] ?? .null)
            }
        }
        self.metadata = metadata
    }

    /// Names of metadata do not mind case. Nil if it is absent or empty.
    subscript(field: String) -> String? { metadata[field.lowercased()].flatMap { $0.isEmpty ? nil : $0 } }

    func isVisible(to appID: String) -> Bool { scopes.isEmpty || scopes.contains(appID) }

    private static func text(_ value: JSONValue) -> String {
        switch value {
        case .string(let text): text
        case .integer(let integer): String(integer)
        case .number(let double): String(double)
        case .bool(let flag): String(flag)
        case .null: ""
        case .array, .object: JSONWriter.text(value)
        }
    }
}

/// Why the resources cannot be used, for the one who wrote them.
struct ComponentFileError: Error, Hashable, CustomStringConvertible {
    let message: String
    var description: String { message }
}

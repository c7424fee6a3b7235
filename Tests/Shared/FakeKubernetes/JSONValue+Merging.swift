import JSON

extension JSONValue {
    mutating func set(_ name: String, _ value: JSONValue?) {
        var object = objectValue ?? JSONObject()
        object[name] = value
        self = .object(object)
    }

    /// RFC 7386. Lists are replaced.
    func merged(with patch: JSONValue, nullRemoves: Bool) -> JSONValue {
        guard case .object(let members) = patch else { return patch }
        var result = objectValue ?? JSONObject()
        for (name, value) in members.members {
            if value.isNull, nullRemoves {
                result[name] = nil
            } else {
                result[name] = (result[name] ?? .null).merged(with: value, nullRemoves: nullRemoves)
            }
        }
        return .object(result)
    }

    /// Without the fields of `old` that `kept` does not have.
    func without(_ old: JSONValue, kept: JSONValue) -> JSONValue {
        guard case .object(let members) = old, case .object(var result) = self else { return self }
        for (name, value) in members.members {
            if let keptValue = kept[name] {
                result[name] = result[name]?.without(value, kept: keptValue)
            } else if name != "name", name != "namespace" {
                result[name] = nil
            }
        }
        return .object(result)
    }

    /// Every value that is no object, by its path.
    func leaves(at path: String) -> [String: JSONValue] {
        guard case .object(let object) = self else { return [path: self] }
        return object.members.reduce(into: [:]) { leaves, member in
            leaves.merge(member.value.leaves(at: "\(path).\(member.name)")) { $1 }
        }
    }

    var finalizers: [String] { self["metadata"]?["finalizers"]?.arrayValue?.compactMap(\.stringValue) ?? [] }

    /// Members of objects in the order of their names, for comparisons.
    var sorted: JSONValue {
        switch self {
        case .object(let object):
            .object(JSONObject(object.members.sorted { $0.name < $1.name }.map { ($0.name, $0.value.sorted) }))
        case .array(let elements): .array(elements.map(\.sorted))
        case .null, .bool, .integer, .number, .string: self
        }
    }

    func isSame(as other: JSONValue) -> Bool { sorted == other.sorted }

    /// The text at `metadata.name` or the like; numbers as they are written.
    func text(at path: String) -> String? {
        let value = path.split(separator: ".").reduce(Optional(self)) { $0?[String($1)] }
        return value?.stringValue ?? value?.integerValue.map(String.init)
    }

    func matches(labels: [String: String], fields: [String: String]) -> Bool {
        labels.allSatisfy { self["metadata"]?["labels"]?[$0.key]?.stringValue == $0.value }
            && fields.allSatisfy { text(at: $0.key) == $0.value }
    }
}

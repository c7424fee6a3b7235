import JSON

/// What of an object does not fit a schema as Kubernetes writes them. A field that is not in the schema is a fault.
struct SchemaCheck {
    private(set) var faults: [String] = []

    init(_ value: JSONValue, _ schema: JSONValue) { check(value, schema, at: "") }

    private mutating func check(_ value: JSONValue, _ schema: JSONValue, at path: String) {
        if schema["x-kubernetes-int-or-string"] == true {
            if value.stringValue == nil, value.integerValue == nil { faults.append("\(path): neither number nor text") }
            if let pattern = schema["pattern"]?.stringValue, let text = value.stringValue,
                (try? Regex(pattern).wholeMatch(in: text)) ?? nil == nil
            {
                faults.append("\(path): \(text) does not match \(pattern)")
            }
            return
        }
        switch (schema["type"]?.stringValue, value) {
        case ("object", .object(let object)): check(object, schema, at: path)
        case ("array", .array(let elements)):
            for (index, element) in elements.enumerated() {
                check(element, schema["items"] ?? [:], at: "\(path)[\(index)]")
            }
        case ("string", .string), ("boolean", .bool), ("number", .number), ("number", .integer): break
        case ("integer", .integer(let integer)):
            let range = schema["format"] == "int32" ? Int64(Int32.min)...Int64(Int32.max) : Int64.min...Int64.max
            let least = schema["minimum"]?.integerValue ?? range.lowerBound
            if !range.contains(integer) || integer < least { faults.append("\(path): \(integer) is out of range") }
        default: faults.append("\(path): is no \(schema["type"]?.stringValue ?? "?")")
        }
        if let choices = schema["enum"]?.arrayValue, !choices.contains(value) { faults.append("\(path): no choice") }
    }

    private mutating func check(_ object: JSONObject, _ schema: JSONValue, at path: String) {
        for name in schema["required"]?.arrayValue?.compactMap(\.stringValue) ?? [] where object[name] == nil {
            faults.append("\(path).\(name): is required")
        }
        for (name, member) in object.members {
            if let property = schema["properties"]?[name] {
                check(member, property, at: "\(path).\(name)")
            } else if let any = schema["additionalProperties"], any.objectValue != nil {
                check(member, any, at: "\(path).\(name)")
            } else {
                faults.append("\(path).\(name): is not known")
            }
        }
    }
}

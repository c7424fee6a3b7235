extension JSONFields {
    /// A list of objects, each to be read with fields of its own.
    public func optionalObjects(_ name: String, maximumCount: Int) -> [JSONFields]? {
        guard let elements = elements(name, maximumCount: maximumCount) else { return nil }
        let objects = elements.enumerated().map { JSONFields($1, at: "\(path(name))/\($0)") }
        nested += objects
        return objects
    }

    /// A list of texts, each of which `parse` makes a value of.
    /// - Parameter rule: the end of a sentence that begins with the element's place, for what `parse` refuses.
    public func optionalTexts<Value>(
        _ name: String, maximumCount: Int, _ rule: String, _ parse: (String) -> Value?
    ) -> [Value]? {
        guard let elements = elements(name, maximumCount: maximumCount) else { return nil }
        var values: [Value] = []
        for (index, element) in elements.enumerated() {
            if let value = element.stringValue.flatMap(parse) {
                values.append(value)
            } else {
                reject("\(name)", "has an element \(index) that \(rule)")
            }
        }
        return values
    }

    private func elements(_ name: String, maximumCount: Int) -> [JSONValue]? {
        guard let value = optional(name) else { return nil }
        guard let elements = value.arrayValue else {
            reject(name, "must be a list, not \(value.typeName)")
            return nil
        }
        guard elements.count <= maximumCount else {
            reject(name, "has \(elements.count) elements; at most \(maximumCount) are allowed")
            return nil
        }
        return elements
    }
}

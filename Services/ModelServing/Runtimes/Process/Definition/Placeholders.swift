/// What the words in braces of a model definition file stand for: `{port}`, `{model_file}`, …
///
/// Braces around anything else are left alone, since arguments may be JSON.
struct Placeholders: Hashable, Sendable {
    private var values: [String: String]

    init(_ values: [String: String]) { self.values = values }

    subscript(name: String) -> String? {
        get { values[name] }
        set { values[name] = newValue }
    }

    func expand(_ text: String) -> String {
        var result = ""
        var rest = text[...]
        while let open = rest.firstIndex(of: "{") {
            result += rest[..<open]
            let behind = rest.index(after: open)
            if let close = rest[behind...].firstIndex(of: "}"), let value = values[String(rest[behind..<close])] {
                result += value
                rest = rest[rest.index(after: close)...]
            } else {
                result += "{"
                rest = rest[behind...]
            }
        }
        return result + rest
    }

    func expand(_ texts: [String]) -> [String] { texts.map { expand($0) } }
}

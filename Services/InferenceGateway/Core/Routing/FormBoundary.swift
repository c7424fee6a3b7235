/// What separates the parts of a form.
public struct FormBoundary: Hashable, Sendable {
    /// RFC 2046 §5.1.1.
    private static let lengths = 1...70

    let bytes: [UInt8]

    /// Nil unless the content type is that of a form, with a boundary that can be one.
    public init?(contentType: String) {
        let parameters = HeaderParameters(contentType[...])
        guard parameters.value == "multipart/form-data", let boundary = parameters["boundary"] else { return nil }
        bytes = Array(boundary.utf8)
        guard Self.lengths.contains(bytes.count), bytes.allSatisfy({ (0x20...0x7E).contains($0) }) else { return nil }
    }
}

/// A header field's value with the parameters behind it, as in `form-data; name="model"`.
struct HeaderParameters {
    /// In lower case.
    let value: String
    private var parameters: [(name: String, value: String)] = []

    init(_ text: Substring) {
        var rest = text
        value = Self.token(&rest).lowercased()
        while rest.popFirst() == ";" {
            let name = Self.token(&rest).lowercased()
            guard rest.first == "=" else { continue }
            rest.removeFirst()
            parameters.append((name, rest.first == "\"" ? Self.quoted(&rest) : Self.token(&rest)))
        }
    }

    /// The first of this name, which is in lower case.
    subscript(name: String) -> String? { parameters.first { $0.name == name }?.value }

    /// Up to the next `;` or `=`, blanks around it left out.
    private static func token(_ rest: inout Substring) -> String {
        let token = rest.prefix { $0 != ";" && $0 != "=" }
        rest = rest[token.endIndex...]
        let isBlank = { (character: Character) in character == " " || character == "\t" || character == "\r" }
        return String(token.drop(while: isBlank).reversed().drop(while: isBlank).reversed())
    }

    /// The inside of quotes, a backslash before each quote of its own; what follows up to the next `;` is passed over.
    private static func quoted(_ rest: inout Substring) -> String {
        rest.removeFirst()
        var value = ""
        while let character = rest.popFirst(), character != "\"" {
            if character == "\\", let escaped = rest.popFirst() {
                value.append(escaped)
            } else {
                value.append(character)
            }
        }
        rest = rest.drop { $0 != ";" }
        return value
    }
}

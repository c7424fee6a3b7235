extension AccessRule: CustomStringConvertible {
    /// As a line of a policy file, with quotes where a field would read as several: what an explanation and the audit
    /// show is the rule and nothing else.
    public var description: String {
        switch content {
        case .policy(let entry):
            Self.line(["p", entry.subject, entry.object, entry.action, entry.effect.rawValue])
        case .binding(let entry): Self.line(["g", entry.subject, entry.role])
        case .role(let entry): entry.subject
        case .apiKey(let entry): Self.line(["api_key", entry.owner, entry.name])
        }
    }

    private static func line(_ fields: [String]) -> String { fields.map(quoted).joined(separator: ", ") }

    private static func quoted(_ field: String) -> String {
        let special = Set<Unicode.Scalar>([",", "\"", "(", ")", "[", "]", "#", "\n"])
        guard field.isEmpty || field.unicodeScalars.contains(where: special.contains) else { return field }
        // Scalar by scalar: a quote with a combining mark behind it is another character, and still ends the field.
        let doubled = field.unicodeScalars.flatMap { $0 == "\"" ? [$0, $0] : [$0] }
        return "\"\(String(String.UnicodeScalarView(doubled)))\""
    }
}

/// Casbin's patterns for paths, as regular expressions.
enum PathPattern {
    /// `/a/:id/*`
    static func withColons(_ pattern: String) -> String {
        let text = replacing(stars(pattern), opening: ":", closing: nil) { _ in "[^/]+" }
        return text == "*" ? "^(.*)$" : "^\(text)$"
    }

    /// `/a/{id}/*`
    /// - Parameter isGreedy: a name goes on to the last brace before the next slash, not to the first.
    static func withBraces(_ pattern: String, isGreedy: Bool) -> String {
        "^\(replacing(stars(pattern), opening: "{", closing: "}", isGreedy: isGreedy) { _ in "[^/]+" })$"
    }

    /// As `withColons`, with groups, and their names.
    static func groupsWithColons(_ pattern: String) -> (text: String, names: [String]) {
        var names: [String] = []
        let text = replacing(stars(pattern), opening: ":", closing: nil) { name in
            names.append(name)
            return "([^/]+)"
        }
        return (text == "*" ? "^(.*)$" : "^\(text)$", names)
    }

    /// As `withBraces`, with groups, and their names.
    static func groupsWithBraces(_ pattern: String, isGreedy: Bool) -> (text: String, names: [String]) {
        var names: [String] = []
        let text = replacing(stars(pattern), opening: "{", closing: "}", isGreedy: isGreedy) { name in
            names.append(name)
            return "([^/]+)"
        }
        return ("^\(text)$", names)
    }

    private static func stars(_ pattern: String) -> String {
        var text = String.UnicodeScalarView()
        var isAfterSlash = false
        for scalar in pattern.unicodeScalars {
            if scalar == "*", isAfterSlash { text.append(".") }
            text.append(scalar)
            isAfterSlash = scalar == "/"
        }
        return String(text)
    }

    /// Replaces each name: what follows `opening`, is not empty and holds no slash, up to `closing` or a slash.
    private static func replacing(
        _ pattern: String, opening: Unicode.Scalar, closing: Unicode.Scalar?, isGreedy: Bool = true,
        _ replacement: (String) -> String
    ) -> String {
        let scalars = Array(pattern.unicodeScalars)
        var text = String.UnicodeScalarView()
        var index = 0
        while index < scalars.count {
            guard scalars[index] == opening,
                let end = end(of: scalars, from: index + 1, closing: closing, isGreedy: isGreedy)
            else {
                text.append(scalars[index])
                index += 1
                continue
            }
            text.append(
                contentsOf: replacement(String(String.UnicodeScalarView(scalars[(index + 1)..<end]))).unicodeScalars)
            index = closing == nil ? end : end + 1
        }
        return String(text)
    }

    /// Where the name ends that begins at `start`; nil if there is none.
    private static func end(
        of scalars: [Unicode.Scalar], from start: Int, closing: Unicode.Scalar?, isGreedy: Bool
    ) -> Int? {
        let slash = scalars[start...].firstIndex(of: "/") ?? scalars.count
        guard let closing else { return slash > start ? slash : nil }
        guard start + 1 < slash else { return nil }
        let inside = scalars[(start + 1)..<slash]
        return isGreedy ? inside.lastIndex(of: closing) : inside.firstIndex(of: closing)
    }
}

import HTTP

/// What becomes of an invoked path on its way: decoded once, cleaned, and encoded anew.
enum MethodPath {
    /// `echo/a%2Fb` becomes `/echo/a/b`, `echo//x` becomes `/echo/x`, `echo/../y` becomes `/y`.
    /// Nil if an escape is broken.
    static func cleaned(_ path: some StringProtocol) -> String? {
        guard let decoded = PercentEncoding.decode(path) else { return nil }
        var segments: [Substring] = []
        for segment in decoded.split(separator: "/") where segment != "." {
            if segment == ".." { _ = segments.popLast() } else { segments.append(segment) }
        }
        return "/" + segments.map(encode).joined(separator: "/")
    }

    /// Go leaves more characters of a path as they are than RFC 3986's unreserved ones.
    private static func encode(_ segment: Substring) -> String {
        var encoded = ""
        for character in segment {
            let isKept = character.isASCII && "$&+,:;=@".contains(character)
            encoded += isKept ? String(character) : PercentEncoding.encode(String(character))
        }
        return encoded
    }
}

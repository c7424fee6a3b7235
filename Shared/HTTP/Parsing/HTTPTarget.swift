/// A request target taken apart (RFC 9112 §3.2).
struct HTTPTarget {
    /// Path and query, or `*`.
    let originForm: String
    /// What an absolute-form target named; it takes the place of Host.
    let authority: String?

    /// - Parameter text: only characters that a target may hold.
    init(_ text: String, method: HTTPMethod) throws(HTTPParseError) {
        let utf8 = text.utf8
        if utf8.first == UInt8(ascii: "/") {
            originForm = text
            authority = nil
            return
        }
        if text == "*" {
            guard method == .options else { throw .malformed("* is a target of OPTIONS only") }
            originForm = text
            authority = nil
            return
        }
        guard let separator = text.firstRange(of: "://") else { throw .malformed("malformed target") }
        let scheme = text[..<separator.lowerBound].lowercased()
        guard scheme == "http" || scheme == "https" else { throw .malformed("the scheme is not http or https") }
        let rest = text[separator.upperBound...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard !authority.isEmpty, authority.utf8.allSatisfy(HTTPCharacters.isAuthority) else {
            throw .malformed("malformed authority")
        }
        self.authority = String(authority)
        let path = rest[authority.endIndex...]
        originForm = path.hasPrefix("/") ? String(path) : "/" + path
    }
}

extension HTTPFields {
    /// Puts the authority of an absolute-form target in Host's place; like a Host that was received, it is not
    /// forwarded.
    mutating func setHost(_ authority: String) {
        set("Host", authority)
        var marked = spans
        marked[marked.count - 1].isHopByHop = true
        self = HTTPFields(storage: storage, spans: marked)
    }
}

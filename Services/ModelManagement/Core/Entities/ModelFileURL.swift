/// Where a model file is: `file:///absolute/path`, `http://…` or `https://…`.
///
/// It is shown to everyone who may read the model, so it holds no user name and no password.
public struct ModelFileURL: Hashable, Sendable, CustomStringConvertible {
    /// Why a text is not accepted.
    public struct Refusal: Error, Hashable, Sendable {
        public let message: String
    }

    public let description: String

    public init(_ text: String) throws(Refusal) {
        guard text.utf8.count <= ModelLimits.maximumURLBytes else {
            throw Refusal(message: "is longer than \(ModelLimits.maximumURLBytes) bytes")
        }
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !Self.forbidden.contains($0) }) else {
            throw Refusal(message: "holds characters that must be percent-encoded in a URL")
        }
        guard let colon = text.firstRange(of: "://") else {
            throw Refusal(message: "must be a file://, http:// or https:// URL")
        }
        let rest = text[colon.upperBound...]
        switch text[..<colon.lowerBound].lowercased() {
        case "file":
            // No host: a path of another machine is not ours to read.
            guard rest.hasPrefix("/"), rest.utf8.count > 1 else {
                throw Refusal(message: "a file URL needs an absolute path: file:///models/a.gguf")
            }
        case "http", "https":
            let authority = rest.prefix { !"/?#".contains($0) }
            guard !authority.contains("@") else {
                throw Refusal(message: "must not hold credentials: everyone who may read the model would see them")
            }
            guard Self.isAuthority(authority) else { throw Refusal(message: "has no valid host") }
        default: throw Refusal(message: "must be a file://, http:// or https:// URL")
        }
        guard !rest.contains("#") else { throw Refusal(message: "must not hold a fragment") }
        description = text
    }

    private static let forbidden = Array("\"<>\\^`{|}".utf8)

    private static func isAuthority(_ authority: Substring) -> Bool {
        var host = authority
        if authority.hasPrefix("[") {
            guard let close = authority.firstIndex(of: "]") else { return false }
            host = authority[...close].dropFirst().dropLast()
            let rest = authority[authority.index(after: close)...]
            return !host.isEmpty && host.allSatisfy { $0.isHexDigit || $0 == ":" || $0 == "." } && isPort(rest)
        }
        host = authority.prefix { $0 != ":" }
        return !host.isEmpty && host.allSatisfy { $0.isLetter || $0.isNumber || "-._~%".contains($0) }
            && isPort(authority[host.endIndex...])
    }

    private static func isPort(_ text: Substring) -> Bool {
        guard text.hasPrefix(":") else { return text.isEmpty }
        return UInt16(text.dropFirst()).map { $0 > 0 } ?? false
    }
}

/// The SHA-256 of a model file.
public struct ModelFileDigest: Hashable, Sendable, CustomStringConvertible {
    /// 64 lower-case hexadecimal digits.
    public let description: String

    /// Takes digits of either case; nil for anything else.
    public init?(_ text: String) {
        guard text.utf8.count == 64, text.utf8.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else {
            return nil
        }
        description = text.lowercased()
    }
}

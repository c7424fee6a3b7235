import Cryptography
import JSON

/// A token in three parts, taken apart and not yet believed (RFC 7515 and 7519).
struct JSONWebToken: Sendable {
    static let maximumBytes = BearerCredentials.maximumLength

    let algorithm: String
    /// Nil if the token does not say by which key it was signed.
    let keyID: String?
    let claims: JSONObject
    /// What was signed.
    let signingInput: [UInt8]
    let signature: [UInt8]

    /// - Throws: why it is none.
    init(_ text: String) throws(TokenProblem) {
        guard text.utf8.count <= Self.maximumBytes else { throw TokenProblem("is too long") }
        let parts = text.split(separator: ".", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 3 else { throw TokenProblem("has not three parts") }
        let header = try Self.object(parts[0], "header")
        claims = try Self.object(parts[1], "payload")
        guard let signature = Base64URL.decode(String(parts[2])) else {
            throw TokenProblem("has a signature that is not base64url")
        }
        self.signature = signature
        signingInput = Array("\(parts[0]).\(parts[1])".utf8)
        guard let algorithm = header["alg"]?.stringValue else { throw TokenProblem("names no algorithm") }
        self.algorithm = algorithm
        // Whoever does not know what is critical must not go on (RFC 7515 §4.1.11).
        if header["crit"] != nil { throw TokenProblem("has critical extensions, of which none is known") }
        if let type = header["typ"] {
            guard let type = type.stringValue, ["jwt", "at+jwt"].contains(type.lowercased()) else {
                throw TokenProblem("is of another type")
            }
        }
        guard let keyID = header["kid"] else {
            self.keyID = nil
            return
        }
        guard let keyID = keyID.stringValue else { throw TokenProblem("has a kid that is no text") }
        self.keyID = keyID
    }

    private static func object(_ part: Substring, _ name: String) throws(TokenProblem) -> JSONObject {
        guard let bytes = Base64URL.decode(String(part)) else {
            throw TokenProblem("has a \(name) that is not base64url")
        }
        guard let object = (try? JSONParser.parse(bytes))?.objectValue else {
            throw TokenProblem("has a \(name) that is no JSON object")
        }
        return object
    }
}

/// Why a token is not accepted, as the end of a sentence that begins with "The token". Holds nothing of the token.
public struct TokenProblem: Error, Hashable, Sendable {
    public let message: String

    init(_ message: String) { self.message = message }

    /// It may be known to who asks for the keys again.
    static let unknownKey = TokenProblem("was signed by a key that is not known")
}

import Cryptography
import JSON

/// How a token is signed. Each key has exactly one.
public enum SigningAlgorithm: String, Hashable, Sendable, CaseIterable {
    case hs256 = "HS256"
    case rs256 = "RS256"
    case es256 = "ES256"
}

/// A key that tokens are checked with (RFC 7517).
public struct JSONWebKey: Sendable {
    enum Material: Sendable {
        case secret([UInt8])
        case publicKey(SignatureKey)
    }

    /// Bytes of a secret for HS256: as many as the digest has (RFC 7518 §3.2).
    static let minimumSecretBytes = 32
    static let maximumIDLength = 128

    public let id: String?
    public let algorithm: SigningAlgorithm
    let material: Material

    /// Nil for a key that is not for checking signatures by an algorithm that is known: a set may hold others.
    /// - Throws: `TokenProblem` for one that is, and is wrong.
    init?(_ document: JSONValue) throws(TokenProblem) {
        guard let object = document.objectValue, let type = object["kty"]?.stringValue else {
            throw TokenProblem("key is no JSON object with a kty")
        }
        if let use = object["use"]?.stringValue, use != "sig" { return nil }
        if let operations = object["key_ops"]?.arrayValue, !operations.contains("verify") { return nil }
        id = object["kid"]?.stringValue
        guard id.map({ (1...Self.maximumIDLength).contains($0.utf8.count) }) ?? true else {
            throw TokenProblem("key has a kid of more than \(Self.maximumIDLength) bytes")
        }
        let expected: SigningAlgorithm
        switch (type, object["crv"]?.stringValue) {
        case ("oct", _): expected = .hs256
        case ("RSA", _): expected = .rs256
        case ("EC", "P-256"): expected = .es256
        default: return nil
        }
        if let named = object["alg"]?.stringValue, named != expected.rawValue { return nil }
        algorithm = expected
        material = try Self.material(object, expected)
    }

    private static func material(
        _ object: JSONObject, _ algorithm: SigningAlgorithm
    ) throws(TokenProblem) -> Material {
        func bytes(_ name: String) throws(TokenProblem) -> [UInt8] {
            guard let text = object[name]?.stringValue, let bytes = Base64URL.decode(text) else {
                throw TokenProblem("key has no \(name) in base64url")
            }
            return bytes
        }
        switch algorithm {
        case .hs256:
            let secret = try bytes("k")
            guard secret.count >= minimumSecretBytes else {
                throw TokenProblem("key for HS256 has less than \(minimumSecretBytes) bytes")
            }
            return .secret(secret)
        case .rs256:
            guard let key = SignatureKey(rsaModulus: try bytes("n"), exponent: try bytes("e")) else {
                throw TokenProblem("key is no RSA key of \(SignatureKey.rsaModulusBits.lowerBound) bits or more")
            }
            return .publicKey(key)
        case .es256:
            guard let key = SignatureKey(p256X: try bytes("x"), y: try bytes("y")) else {
                throw TokenProblem("key is no point on P-256")
            }
            return .publicKey(key)
        }
    }

    func verifies(_ token: JSONWebToken) -> Bool {
        switch material {
        case .secret(let secret):
            constantTimeEquals(
                HMACSHA256.authenticationCode(for: token.signingInput, key: secret).bytes, token.signature)
        case .publicKey(let key): key.verifies(token.signature, of: token.signingInput)
        }
    }
}

/// The keys that may have signed a token.
public struct JSONWebKeySet: Sendable {
    public static let maximumKeys = 64
    public static let maximumBytes = 256 * 1024

    public let keys: [JSONWebKey]

    /// - Parameter text: a JWKS document, `{"keys": […]}`.
    /// - Throws: `TokenProblem`, as the end of a sentence that begins with "A".
    public init(parsing text: [UInt8]) throws(TokenProblem) {
        guard text.count <= Self.maximumBytes else { throw TokenProblem("key set is too large") }
        let document: JSONValue
        do throws(JSONError) {
            document = try JSONParser.parse(text)
        } catch {
            throw TokenProblem("key set is not JSON: \(error.message)")
        }
        guard let entries = document.objectValue?["keys"]?.arrayValue, entries.count <= Self.maximumKeys else {
            throw TokenProblem("key set has no list of at most \(Self.maximumKeys) keys")
        }
        var keys: [JSONWebKey] = []
        for entry in entries {
            guard let key = try JSONWebKey(entry) else { continue }
            guard key.id == nil || !keys.contains(where: { $0.id == key.id }) else {
                throw TokenProblem("key set has two keys with one kid")
            }
            keys.append(key)
        }
        self.keys = keys
    }

    /// The one key that a token can have been signed with.
    ///
    /// What the token says of its key is only ever compared with the ids that are here.
    func key(for token: JSONWebToken) throws(TokenProblem) -> JSONWebKey {
        let fitting = keys.filter { $0.algorithm.rawValue == token.algorithm }
        guard let id = token.keyID else {
            guard fitting.count == 1 else { throw TokenProblem("does not say by which key it was signed") }
            return fitting[0]
        }
        guard let key = keys.first(where: { $0.id.map { Array($0.utf8) } == Array(id.utf8) }) else {
            throw TokenProblem("was signed by a key that is not known")
        }
        guard key.algorithm.rawValue == token.algorithm else {
            throw TokenProblem("was not signed by the algorithm of its key")
        }
        return key
    }
}

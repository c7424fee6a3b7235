import Cryptography
import JSON

/// How a token is signed. Each key has exactly one.
public enum SigningAlgorithm: String, Hashable, Sendable, CaseIterable {
    case hs256 = "HS256"
    case rs256 = "RS256"
    case es256 = "ES256"
}

/// A key that tokens are checked with (RFC 7517).
public struct JSONWebKey: Hashable, Sendable {
    enum Material: Hashable, Sendable {
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

    /// Whether whoever knows the key that checks tokens could also sign some.
    var isSecret: Bool {
        switch material {
        case .secret: true
        case .publicKey: false
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

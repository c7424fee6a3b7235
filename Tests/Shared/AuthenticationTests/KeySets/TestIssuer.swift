import Authentication
import Cryptography
import Domain
import JSON
import Synchronization
import TestSupport

/// Issues tokens with secrets that a test names, and says which of them are its keys.
enum TestIssuer {
    static let rules = JWTRules(issuer: "https://issuer.example", audience: "slipway")

    private static func secret(_ name: String) -> [UInt8] { SHA256.hash("the secret of \(name)").bytes }

    /// A key set with a key for each name, which is its id too.
    static func keySet(_ names: String...) -> [UInt8] {
        let keys = names.map { name -> JSONValue in
            ["kty": "oct", "kid": .string(name), "k": .string(Base64URL.encode(secret(name)))]
        }
        return JSONWriter.bytes(["keys": .array(keys)])
    }

    static func token(by name: String, subject: String = "alice", expiresAt: Int64 = 4_000_000_000) -> String {
        let header = JSONWriter.text(["alg": "HS256", "kid": .string(name)])
        let payload = JSONWriter.text([
            "iss": .string(rules.issuer), "aud": .string(rules.audience), "sub": .string(subject),
            "exp": .integer(expiresAt),
        ])
        let input = Base64URL.encode(Array(header.utf8)) + "." + Base64URL.encode(Array(payload.utf8))
        let code = HMACSHA256.authenticationCode(for: Array(input.utf8), key: secret(name))
        return input + "." + Base64URL.encode(code.bytes)
    }
}

/// Gives what a test says, and counts how often it is asked.
final class ScriptedKeys: KeySetSource {
    private let answer: Mutex<Result<[UInt8], KeySetFailure>>
    private let count = Progress()
    /// While it is closed, nobody gets an answer.
    private let gate: Gate?

    var loads: Int { count.total }

    init(_ text: [UInt8], gate: Gate? = nil) {
        answer = Mutex(.success(text))
        self.gate = gate
    }

    func become(_ text: [UInt8]) { answer.withLock { $0 = .success(text) } }
    func fail(_ failure: KeySetFailure) { answer.withLock { $0 = .failure(failure) } }

    func load() async throws(KeySetFailure) -> JSONWebKeySet {
        count.add(1)
        await gate?.wait()
        let text = try answer.withLock { $0 }.get()
        guard let keys = try? JSONWebKeySet(parsing: text) else { preconditionFailure("no key set") }
        return keys
    }
}

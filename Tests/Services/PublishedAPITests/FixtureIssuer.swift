import Authentication
import Cryptography
import Domain
import Foundation
import HTTP
import JSON
import TestSupport

/// The issuer whose keys and tokens PyJWT made. It has an RSA key, one on P-256 and a secret.
struct FixtureIssuer: Sendable {
    /// Between what its tokens may be used.
    static let now = Timestamp(millisecondsSinceEpoch: 1_900_000_000_000)
    static let rules = JWTRules(issuer: "https://issuer.example", audience: "slipway")

    private let document: JSONValue
    /// Of the key `hs-1`.
    let secret: [UInt8]

    init() throws {
        let path = CheckedInDocument("Tests/Shared/AuthenticationTests/JWT/tokens.json").path
        document = try JSONParser.parse(Array(Data(contentsOf: URL(filePath: path))))
        secret = Array((document["secret"]?.stringValue ?? "").utf8)
    }

    /// What a server believes that is told of this issuer.
    var authentication: JWTAuthentication {
        get throws {
            let keys = try JSONWebKeySet(parsing: JSONWriter.bytes(document["jwks"] ?? .null))
            let ring = KeyRing(Keys(keys: keys), times: .ofURLs, now: { Self.now })
            return JWTAuthentication(Self.rules, keys: ring, now: { Self.now })
        }
    }

    /// One of PyJWT's: `RS256`, `ES256`, `HS256`. All are alice's.
    func token(_ name: String) -> String { document["tokens"]?[name]?.stringValue ?? "" }

    /// A member of a public key.
    func key(_ type: String) -> JSONValue {
        document["jwks"]?["keys"]?.arrayValue?.first { $0["kty"]?.stringValue == type } ?? .null
    }

    /// - Parameters:
    ///   - claims: instead of the usual ones, or besides them.
    ///   - header: text that is taken as it is.
    ///   - secret: another than that of the key that the header names.
    func token(
        for subject: String = "alice", _ claims: [(String, JSONValue)] = [],
        header: String = #"{"alg":"HS256","kid":"hs-1"}"#, secret: [UInt8]? = nil
    ) -> String {
        var payload = JSONObject([
            ("iss", .string(Self.rules.issuer)), ("aud", .string(Self.rules.audience)), ("sub", .string(subject)),
            ("exp", 2_000_000_000),
        ])
        for (name, value) in claims { payload[name] = value }
        let input = Self.encoded(header) + "." + Base64URL.encode(JSONWriter.bytes(.object(payload)))
        let code = HMACSHA256.authenticationCode(for: Array(input.utf8), key: secret ?? self.secret)
        return input + "." + Base64URL.encode(code.bytes)
    }

    static func encoded(_ text: String) -> String { Base64URL.encode(Array(text.utf8)) }

    private struct Keys: KeySetSource {
        let keys: JSONWebKeySet

        func load() async throws(KeySetFailure) -> JSONWebKeySet { keys }
    }
}

import Cryptography
import Domain
import Foundation
import JSON
import TestSupport
import Testing

@testable import Authentication

/// Tokens of PyJWT, which are to be believed, and what attackers make of them.
@Suite struct JWTVerifierTests {
    private static let now = Timestamp(millisecondsSinceEpoch: 1_900_000_000_000)
    private static let rules = JWTRules(issuer: "https://issuer.example", audience: "slipway")

    private let document: JSONObject
    private let keys: JSONWebKeySet

    init() throws {
        let path = CheckedInDocument("Tests/Shared/AuthenticationTests/JWT/tokens.json").path
        document = try #require(try JSONParser.parse(Array(Data(contentsOf: URL(filePath: path)))).objectValue)
        keys = try JSONWebKeySet(parsing: Array(JSONWriter.text(document["jwks"] ?? .null).utf8))
    }

    private func token(_ name: String) throws -> String {
        try #require(document["tokens"]?.objectValue?[name]?.stringValue)
    }

    private func verify(_ token: String, _ rules: JWTRules = rules, at now: Timestamp = now) throws -> TokenIdentity {
        try JWTVerifier(rules).verify(token, with: keys, at: now)
    }

    private static func encoded(_ text: String) -> String { Base64URL.encode(Array(text.utf8)) }

    /// A token whose text is as given, signed with the secret of the key `hs-1`, or another.
    private func signed(_ header: String, _ payload: String, secret: [UInt8]? = nil) throws -> String {
        let secret = try secret ?? Array(#require(document["secret"]?.stringValue).utf8)
        let input = Self.encoded(header) + "." + Self.encoded(payload)
        return input + "." + Base64URL.encode(HMACSHA256.authenticationCode(for: Array(input.utf8), key: secret).bytes)
    }

    private static let header = #"{"alg":"HS256","kid":"hs-1"}"#

    private static func payload(_ changes: String = "", without name: String = "") -> String {
        let members = [
            ("iss", #""https://issuer.example""#), ("aud", #""slipway""#), ("sub", #""alice""#), ("exp", "2000000000"),
        ].filter { $0.0 != name && !changes.contains("\"\($0.0)\"") }.map { "\"\($0.0)\":\($0.1)" }
        return "{" + (members + (changes.isEmpty ? [] : [changes])).joined(separator: ",") + "}"
    }

    @Test(arguments: ["RS256", "ES256", "HS256", "no kid", "no kid rsa"])
    func believesWhatIsSignedByAKnownKey(name: String) throws {
        let identity = try verify(try token(name))
        #expect(identity.subject == "alice")
        #expect(identity.groups == ["staff", "admins"])
        #expect(identity.expiresAt == Timestamp(millisecondsSinceEpoch: 2_000_000_000_000))
    }

    @Test func claimsCanHaveOtherNames() throws {
        let rules = JWTRules(
            issuer: "https://issuer.example", audience: "other", subjectClaim: "iss", groupsClaim: "realm_access.roles")
        let identity = try verify(try token("RS256"), rules)
        #expect(identity.subject == "https://issuer.example")
        #expect(identity.groups == ["x"])
    }

    @Test func clocksMayDifferALittle() throws {
        let token = try token("ES256")
        let expiry: Int64 = 2_000_000_000_000
        #expect(throws: Never.self) { try verify(token, at: Timestamp(millisecondsSinceEpoch: expiry + 59_999)) }
        #expect(throws: TokenProblem("has expired")) {
            try verify(token, at: Timestamp(millisecondsSinceEpoch: expiry + 60_000))
        }
        let start: Int64 = 1_600_000_000_000
        #expect(throws: Never.self) { try verify(token, at: Timestamp(millisecondsSinceEpoch: start - 60_000)) }
        #expect(throws: TokenProblem("is not valid yet")) {
            try verify(token, at: Timestamp(millisecondsSinceEpoch: start - 60_001))
        }
    }

    @Test(arguments: [
        (#"{"alg":"none","kid":"hs-1"}"#, "algorithm of its key"), (#"{"alg":"none"}"#, "by which key"),
        (#"{"alg":"None"}"#, "by which key"), (#"{"alg":"hs256","kid":"hs-1"}"#, "algorithm of its key"),
        (#"{"alg":"HS512","kid":"hs-1"}"#, "algorithm of its key"),
        (#"{"alg":"HS256","kid":"rsa-1"}"#, "algorithm of its"),
        (#"{"alg":"RS256","kid":"hs-1"}"#, "algorithm of its key"), (#"{"alg":"HS256","kid":"enc"}"#, "not known"),
        (#"{"alg":"HS256","kid":"../../dev/null"}"#, "not known"),
        (#"{"alg":"HS256","kid":"hs-1\u0000"}"#, "not known"),
        (#"{"alg":"HS256","kid":"' OR 1=1"}"#, "not known"), (#"{"alg":"HS256","kid":""}"#, "not known"),
        (#"{"alg":"HS256","kid":7}"#, "no text"), (#"{"alg":"HS256","kid":null}"#, "no text"),
        (#"{"kid":"hs-1"}"#, "no algorithm"),
        (#"{"alg":["HS256"],"kid":"hs-1"}"#, "no algorithm"), (#"{"alg":"HS256","alg":"none"}"#, "no JSON object"),
        (#"{"alg":"HS256","kid":"hs-1","crit":["b64"],"b64":false}"#, "critical"),
        (#"{"alg":"HS256","kid":"hs-1","typ":"JWE"}"#, "another type"), ("[]", "no JSON object"),
        ("", "no JSON object"),
        (#"{"alg":"HS256","kid":"HS-1"}"#, "not known"), (#"{"alg":"HS256","kid":"hs-\u0031 "}"#, "not known"),
    ])
    func headersThatLie(header: String, problem: String) throws {
        let error = #expect(throws: TokenProblem.self) { try verify(try signed(header, Self.payload())) }
        #expect(error?.message.contains(problem) == true, "\(error?.message ?? "")")
    }

    @Test(arguments: [
        (payload(without: "exp"), "never expires"), (payload(#""exp":"2000000000""#), "no time"),
        (payload(#""exp":1e400"#), ""),
        (payload(#""exp":-1"#), "no time"), (payload(#""exp":1899999940"#), "has expired"),
        (payload(#""exp":null"#), "no time"),
        (payload(#""nbf":1900000061"#), "not valid yet"), (payload(#""iat":1900000061"#), "of the future"),
        (payload(#""nbf":[]"#), "no time"), (payload(without: "iss"), "another issuer"),
        (payload(#""iss":"https://issuer.example/""#), "another issuer"),
        (payload(#""iss":["https://issuer.example"]"#), "issuer"),
        (payload(without: "aud"), "another audience"), (payload(#""aud":"Slipway""#), "another audience"),
        (payload(#""aud":[]"#), "another audience"), (payload(#""aud":[["slipway"]]"#), "another audience"),
        (payload(#""aud":"slipway2""#), "another audience"), (payload(without: "sub"), "no subject"),
        (payload(#""sub":"""#), "no subject"), (payload(#""sub":7"#), "no subject"),
        (payload(#""sub":"a\u0000b""#), "no subject"),
        (payload(#""sub":"alice, admin""#), "no subject"), (payload(#""sub":"a\r\nX-Admin: 1""#), "no subject"),
        (payload(#""sub":"\u202Eecila""#), "no subject"), (payload(#""groups":{"a":1}"#), "no list"),
        (payload(#""groups":["a",1]"#), "no list"), (payload(#""groups":["p, a"]"#), "no list"),
        (#"{"sub":"alice","sub":"root"}"#, "no JSON object"), ("null", "no JSON object"),
    ])
    func payloadsThatAreNotForUs(payload: String, problem: String) throws {
        let error = #expect(throws: TokenProblem.self) { try verify(try signed(Self.header, payload)) }
        #expect(problem.isEmpty || error?.message.contains(problem) == true, "\(error?.message ?? "")")
    }

    @Test func aPublicKeyIsNoSecret() throws {
        let entries = document["jwks"]?.objectValue?["keys"]?.arrayValue ?? []
        let modulus = try #require(entries.first?.objectValue?["n"]?.stringValue)
        for secret in [Array(modulus.utf8), Base64URL.decode(modulus) ?? [], Array(JSONWriter.text(entries[0]).utf8)] {
            for header in [#"{"alg":"HS256","kid":"rsa-1"}"#, #"{"alg":"HS256","kid":"hs-1"}"#, #"{"alg":"HS256"}"#] {
                #expect(throws: TokenProblem.self) { try verify(try signed(header, Self.payload(), secret: secret)) }
            }
        }
    }

    @Test(arguments: ["RS256", "ES256", "HS256"]) func anythingChangedIsRefused(name: String) throws {
        let token = try token(name)
        let parts = token.split(separator: ".").map(String.init)
        var changed = [
            token + "=", token + ".", "." + token, token + "." + parts[2], parts[0] + "." + parts[1],
            parts[0] + "." + parts[1] + ".", parts[0] + ".." + parts[2], String(token.dropLast()), token + "A",
            " " + token,
            token.replacing(".", with: ".."), parts[1] + "." + parts[0] + "." + parts[2],
            parts[0] + "." + Self.encoded(Self.payload(#""sub":"root""#)) + "." + parts[2],
        ]
        var signature = try #require(Base64URL.decode(parts[2]))
        for index in [0, signature.count / 2, signature.count - 1] {
            signature[index] ^= 1
            changed.append("\(parts[0]).\(parts[1]).\(Base64URL.encode(signature))")
            signature[index] ^= 1
        }
        changed.append("\(parts[0]).\(parts[1]).\(Base64URL.encode([0] + signature))")
        changed.append("\(parts[0]).\(parts[1]).\(Base64URL.encode(signature + [0]))")
        changed.append("\(parts[0]).\(parts[1]).\(Base64URL.encode([UInt8](repeating: 0, count: signature.count)))")
        for text in changed { #expect(throws: TokenProblem.self, "\(text)") { try verify(text) } }
    }

    @Test func whatIsHugeIsNotEvenRead() throws {
        #expect(throws: TokenProblem("is too long")) { try verify(String(repeating: "a", count: 5000)) }
        let deep = String(repeating: "[", count: 1000) + String(repeating: "]", count: 1000)
        #expect(throws: TokenProblem.self) { try verify(try signed(Self.header, #"{"x":\#(deep)}"#)) }
    }

    @Test(arguments: [
        #"{"keys":{}}"#, "[]", "{", #"{"keys":[{"kty":"oct","k":"c2hvcnQ"}]}"#,
        #"{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"}]}"#,
        #"{"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}]}"#, #"{"keys":[7]}"#, #"{"keys":[{"kty":"oct"}]}"#,
    ])
    func keySetsThatAreWrongAreRefused(text: String) {
        #expect(throws: TokenProblem.self) { try JSONWebKeySet(parsing: Array(text.utf8)) }
    }

    @Test func keysForOtherThingsAreLeftOut() throws {
        let text =
            #"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"AA"},{"kty":"EC","crv":"P-384"},{"kty":"RSA","alg":"PS256"}]}"#
        #expect(try JSONWebKeySet(parsing: Array(text.utf8)).keys.isEmpty)
        #expect(keys.keys.map(\.id) == ["rsa-1", "ec-1", "hs-1"])
    }

    @Test func aPointThatIsNotOnTheCurveIsNoKey() {
        let bytes = [UInt8](repeating: 1, count: 32)
        #expect(SignatureKey(p256X: bytes, y: bytes) == nil)
        let modulus = [UInt8](repeating: 0xFF, count: 256)
        #expect(SignatureKey(rsaModulus: modulus, exponent: [1]) == nil)
        #expect(SignatureKey(rsaModulus: modulus, exponent: [2]) == nil)
        #expect(SignatureKey(rsaModulus: [UInt8](repeating: 0xFF, count: 128), exponent: [1, 0, 1]) == nil)
    }
}

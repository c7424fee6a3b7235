import Authentication
import Cryptography
import JSON
import TestSupport

extension Attack {
    /// Tokens and keys that are none.
    static let onTokens: [Attack] = forgedSignatures + lyingHeaders + mangled + otherPlaces

    private static func unsigned(_ algorithm: String, _ signature: String = "") -> @Sendable (FixtureIssuer) -> String {
        { issuer in
            let parts = issuer.token(for: "bob").split(separator: ".")
            return "\(FixtureIssuer.encoded(#"{"alg":"\#(algorithm)","kid":"hs-1"}"#)).\(parts[1]).\(signature)"
        }
    }

    private static let forgedSignatures: [Attack] = [
        .token("no algorithm", unsigned("none")), .token("no algorithm, capital", unsigned("None")),
        .token("no algorithm, mixed", unsigned("nOnE", "AAAA")), .token("empty algorithm", unsigned("")),
        .token("the modulus of the RSA key as a secret") { issuer in
            let modulus = Base64URL.decode(issuer.key("RSA")["n"]?.stringValue ?? "") ?? []
            return issuer.token(for: "bob", header: #"{"alg":"HS256","kid":"rsa-1"}"#, secret: modulus)
        },
        .token("the text of the RSA key as a secret") { issuer in
            issuer.token(
                for: "bob", header: #"{"alg":"HS256","kid":"rsa-1"}"#, secret: JSONWriter.bytes(issuer.key("RSA")))
        },
        .token("the modulus as the secret of the secret's name") { issuer in
            issuer.token(for: "bob", secret: Array((issuer.key("RSA")["n"]?.stringValue ?? "").utf8))
        },
        .token("the point of the curve as a secret") { issuer in
            issuer.token(
                for: "bob", header: #"{"alg":"HS256","kid":"ec-1"}"#,
                secret: Base64URL.decode(issuer.key("EC")["x"]?.stringValue ?? "") ?? [])
        },
        .token("an empty secret") { $0.token(for: "bob", secret: []) },
        .token("a secret that everybody uses") { $0.token(for: "bob", secret: Array("secret".utf8)) },
        .token("a signature of zeros", unsigned("HS256", String(repeating: "A", count: 43))),
        .token("ECDSA's point at infinity") { issuer in
            let parts = issuer.token(for: "bob").split(separator: ".")
            let header = FixtureIssuer.encoded(#"{"alg":"ES256","kid":"ec-1"}"#)
            return "\(header).\(parts[1]).\(Base64URL.encode([UInt8](repeating: 0, count: 64)))"
        },
        .token("the signature of another token") { issuer in
            let (wanted, signed) = (issuer.token(for: "bob").split(separator: "."), issuer.token("HS256"))
            return "\(wanted[0]).\(wanted[1]).\(signed.split(separator: ".")[2])"
        },
    ]

    private static let lyingHeaders: [Attack] =
        [
            #""kid":"../../../../dev/null""#, #""kid":"/proc/sys/kernel/random/boot_id""#, #""kid":"hs-1\u0000.pem""#,
            #""kid":"' UNION SELECT 'secret' -- ""#, #""kid":"hs-1|id""#, #""kid":"http://127.0.0.1:1/keys""#,
            #""kid":"HS-1""#, #""kid":["hs-1"]"#, #""kid":"hs-1","kid":"rsa-1""#,
            #""kid":"hs-1","crit":["exp"]"#, #""kid":"hs-1","typ":"JWE""#,
        ].map { members in
            .token("a header with \(members)") {
                $0.token(for: "bob", header: #"{"alg":"HS256",\#(members)}"#, secret: [])
            }
        } + [
            .token("a key of its own, in the header") { issuer in
                let own = [UInt8](repeating: 7, count: 32)
                let header = #"{"alg":"HS256","jwk":{"kty":"oct","k":"\#(Base64URL.encode(own))"}}"#
                return issuer.token(for: "bob", header: header, secret: own)
            },
            .token("keys of its own, elsewhere") { issuer in
                let header = #"{"alg":"HS256","kid":"hs-1","jku":"http://127.0.0.1:1/k","x5u":"http://127.0.0.1:1/c"}"#
                return issuer.token(for: "bob", header: header, secret: [UInt8](repeating: 7, count: 32))
            },
        ]

    private static let mangled: [Attack] = [
        .token("a token cut short") { String($0.token("RS256").dropLast(7)) },
        .token("a padded token") { $0.token("RS256") + "==" },
        .token("a token with a dot behind") { $0.token("RS256") + "." },
        .token("a token in four parts") { $0.token("RS256") + ".AAAA" },
        .token("an encrypted token") { _ in "a.b.c.d.e" },
        .token("a token without a signature") {
            String($0.token("RS256").prefix { _ in true }.split(separator: ".")[0])
        },
        .token("standard Base64") { $0.token("RS256").replacing("-", with: "+").replacing("_", with: "/") },
        .token("a token that is too large") {
            $0.token(for: "bob", [("x", .string(String(repeating: "x", count: 6000)))])
        },
        .token("two tokens behind a comma") { $0.token(for: "alice") + "," + $0.token(for: "bob") },
        .token("a token behind a space") { $0.token(for: "alice") + " " + $0.token(for: "bob") },
        .reading("a token larger than any head", [400, 431]) { _ in
            ["Authorization: Bearer " + String(repeating: "A", count: 200_000)]
        },
        .token("claims that come twice") { issuer in
            let payload =
                #"{"iss":"https://issuer.example","aud":"slipway","exp":2000000000,"sub":"alice","sub":"bob"}"#
            let input = FixtureIssuer.encoded(#"{"alg":"HS256","kid":"hs-1"}"#) + "." + FixtureIssuer.encoded(payload)
            let code = HMACSHA256.authenticationCode(for: Array(input.utf8), key: issuer.secret)
            return input + "." + Base64URL.encode(code.bytes)
        },
        .token("a token from before its time") { $0.token(for: "bob", [("nbf", 1_900_000_100)]) },
        .token("a token without an end") { $0.token(for: "bob", [("exp", .null)]) },
        .token("an audience that only begins alike") { $0.token(for: "bob", [("aud", "slipway.example")]) },
    ]

    private static let otherPlaces: [Attack] = [
        .reading("two tokens", [401]) { [alice($0), "Authorization: Bearer \($0.issuer.token(for: "bob"))"] },
        .reading("the same token twice", [401]) { [alice($0), alice($0)] },
        .reading("a password", [401]) { _ in ["Authorization: Basic YWRtaW46YWRtaW4="] },
        .reading("the admin key as a password", [401]) { _ in ["Authorization: Basic \(AttackedServer.adminKey)"] },
        .reading("a token in a cookie", [401]) { ["Cookie: access_token=\($0.issuer.token(for: "bob"))"] },
        .reading("a token for a proxy", [401]) { ["Proxy-Authorization: Bearer \($0.issuer.token(for: "bob"))"] },
        Attack("a token in the query", [401]) { server in
            request("GET", "/models/\(server.his)?access_token=\(server.issuer.token(for: "bob"))", [])
        },
        .reading("a digest of a key instead of a key", [401]) { _ in ["Authorization: Bearer \(APIKey.make().sha256)"]
        },
        .reading("a key that was never made", [401]) { _ in ["Authorization: Bearer \(APIKey.make().text)"] },
        .reading("a folded field", [400]) { ["Authorization: Bearer", " \($0.issuer.token(for: "bob"))"] },
        .reading("a field with a space before its colon", [400]) {
            ["Authorization : Bearer \($0.issuer.token(for: "bob"))"]
        },
    ]
}

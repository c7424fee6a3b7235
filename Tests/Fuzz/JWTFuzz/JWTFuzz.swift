import Authentication
import Cryptography
import Domain
import JSON

/// Any bytes, by their first one: as a token, of which only those that were issued are believed; as header and payload
/// that somebody signed rightly, of which only what is complete is believed; or as a set of keys.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzJWT(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: count))
    guard let kind = bytes.first else { return 0 }
    let rest = bytes[1...]
    switch kind % 3 {
    case 0: checkToken(String(decoding: rest, as: UTF8.self))
    case 1: checkSigned(rest)
    default: checkKeys(Array(rest))
    }
    return 0
}

private let secret = Array("0123456789abcdef0123456789abcdef-secret".utf8)
private let now = Timestamp(millisecondsSinceEpoch: 1_795_248_000_000)
private let verifier = JWTVerifier(JWTRules(issuer: "https://issuer.example", audience: "slipway"))

private let keys: JSONWebKeySet = {
    let document = #"{"keys":[{"kty":"oct","kid":"hs-1","alg":"HS256","k":"\#(Base64URL.encode(secret))"}]}"#
    guard let keys = try? JSONWebKeySet(parsing: Array(document.utf8)) else { fatalError("the keys are wrong") }
    return keys
}()

/// The secret is known to nobody but this file, so that whatever is accepted is a token that was signed with it, in
/// the one way in which it can be written.
private func checkToken(_ text: String) {
    guard (try? verifier.verify(text, with: keys, at: now)) != nil else { return }
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    precondition(parts.count == 3, text)
    precondition(text == signed(Array("\(parts[0]).\(parts[1])".utf8)), text)
}

private func checkSigned(_ bytes: ArraySlice<UInt8>) {
    let parts = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { return }
    let text = signed(Array("\(Base64URL.encode(parts[0])).\(Base64URL.encode(parts[1]))".utf8))
    guard let identity = try? verifier.verify(text, with: keys, at: now) else { return }
    precondition((1...JWTVerifier.maximumSubjectBytes).contains(identity.subject.utf8.count))
    precondition(identity.groups.count <= JWTVerifier.maximumGroups)
    for name in [identity.subject] + identity.groups {
        precondition(!name.unicodeScalars.contains { $0.value <= 0x20 || $0 == "," || $0 == "\"" }, name)
    }
    precondition(identity.expiresAt + JWTRules.defaultSkew > now)
    let claims = (try? JSONParser.parse(Array(parts[1])))?.objectValue
    precondition(claims?["iss"]?.stringValue == "https://issuer.example")
}

private func checkKeys(_ bytes: [UInt8]) {
    guard let keys = try? JSONWebKeySet(parsing: bytes) else { return }
    precondition(keys.keys.count <= JSONWebKeySet.maximumKeys)
    _ = try? verifier.verify(signed(Array("e30.e30".utf8)), with: keys, at: now)
}

private func signed(_ input: [UInt8]) -> String {
    let code = HMACSHA256.authenticationCode(for: input, key: secret)
    return "\(String(decoding: input, as: UTF8.self)).\(Base64URL.encode(code.bytes))"
}

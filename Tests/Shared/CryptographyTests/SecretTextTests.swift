import Cryptography
import Testing

@Suite struct SecretTextTests {
    @Test(arguments: [
        ("", "", true), ("a", "a", true), ("a", "b", false), ("a", "aa", false), ("", "a", false),
        ("same length x", "same length y", false),
    ])
    func comparesSecrets(left: String, right: String, equal: Bool) {
        #expect(constantTimeEquals(left, right) == equal)
    }

    @Test(arguments: [
        ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
        ("foobar", "Zm9vYmFy"), ("??>", "Pz8-"), ("???", "Pz8_"),
    ])
    func writesAndReadsBase64URL(plain: String, encoded: String) {
        #expect(Base64URL.encode(Array(plain.utf8)) == encoded)
        #expect(Base64URL.decode(encoded) == Array(plain.utf8))
    }

    @Test(arguments: ["A", "Zg==", "Zh", "Zm9", "Pz8+", "Pz8/", "Zm 8", "Zm8\n"])
    func refusesASecondSpellingOfBase64URL(text: String) {
        #expect(Base64URL.decode(text) == nil)
    }

    @Test func makesRandomTextOfTheRightLengthThatNeverRepeats() {
        var seen: Set<String> = []
        for _ in 0..<1000 {
            let text = SecureRandom.base64URL(byteCount: 24)
            #expect(text.count == 32)
            #expect(seen.insert(text).inserted)
        }
        #expect(SecureRandom.hex(byteCount: 16).count == 32)
        #expect(SecureRandom.bytes(0).isEmpty)
    }

    @Test func readsHexadecimalOfWholeBytesOnly() {
        #expect(Hexadecimal.decode("00fF7a") == [0, 255, 122])
        #expect(Hexadecimal.decode("0") == nil)
        #expect(Hexadecimal.decode("0g") == nil)
    }
}

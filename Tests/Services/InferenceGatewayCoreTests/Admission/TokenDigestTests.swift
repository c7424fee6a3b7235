import Testing

@testable import InferenceGatewayCore

@Suite struct TokenDigestTests {
    @Test func hexadecimalAndBytesGiveTheSame() throws {
        let hexadecimal = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
        let digest = try #require(TokenDigest(hexadecimal: hexadecimal))
        #expect(digest == TokenDigest(Array(0..<32)))
        #expect(digest == TokenDigest(hexadecimal: hexadecimal.uppercased()))
        #expect(digest != TokenDigest((0..<31) + [0]))
        #expect(digest != TokenDigest([1] + (1..<32)))
    }

    @Test(arguments: ["", "00", "zz", String(repeating: "0", count: 63), String(repeating: "0", count: 65)])
    func refusesWhatIsNotADigest(text: String) {
        #expect(TokenDigest(hexadecimal: text) == nil)
        #expect(TokenDigest(hexadecimal: String(repeating: "g", count: 64)) == nil)
        #expect(TokenDigest(Array(0..<31)) == nil)
    }
}

import Authentication
import Testing

struct EndpointTokenTests {
    @Test func isRecognisable() {
        let token = EndpointToken.make()
        #expect(token.text.hasPrefix("slp_"))
        #expect(token.text.utf8.count == 47)
        #expect(token.sha256.utf8.count == 64)
        #expect(EndpointToken.sha256(of: token.text) == token.sha256)
    }

    @Test func isNeverTheSameTwice() {
        #expect(Set((0..<100).map { _ in EndpointToken.make().text }).count == 100)
    }

    @Test func doesNotPrintItsSecret() {
        let token = EndpointToken.make()
        #expect(!"\(token)".contains(token.text))
    }

    @Test func hashesAsEveryoneDoes() {
        #expect(
            EndpointToken.sha256(of: "abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }
}

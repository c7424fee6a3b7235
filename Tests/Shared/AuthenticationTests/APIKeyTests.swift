import Authentication
import Testing

struct APIKeyTests {
    @Test func twoAreNeverTheSame() {
        let keys = (0..<100).map { _ in APIKey.make() }
        #expect(Set(keys.map(\.text)).count == 100)
        for key in keys {
            #expect(key.text.hasPrefix("slk_") && key.text.utf8.count == 47)
            #expect(APIKey(key.text)?.sha256 == key.sha256)
            #expect(key.sha256 == EndpointToken.sha256(of: key.text))
        }
    }

    @Test func neverShowsItsText() {
        let key = APIKey.make()
        #expect(!"\(key)".contains(key.text.dropFirst(8)))
    }

    @Test func whatCannotBeAKeyIsNone() {
        let text = APIKey.make().text
        for other in [
            "", "slk_", String(text.dropLast()), text + "A", text.uppercased(), "slp_" + text.dropFirst(4),
            String(text.dropLast()) + "=", String(text.dropLast()) + "é", " " + text.dropFirst(),
        ] {
            #expect(APIKey(other) == nil, "\(other)")
        }
    }
}

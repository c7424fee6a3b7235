import Domain
import TestSupport
import Testing

struct UUIDv7Tests {
    @Test func idsSortByTheirTime() {
        var generator = SeededGenerator(seed: 1)
        let ids = (0..<100).map { step in
            UUIDv7(at: Timestamp(millisecondsSinceEpoch: 1_700_000_000_000 + Int64(step)), using: &generator)
        }
        #expect(ids.map(\.description) == ids.map(\.description).sorted())
        #expect(ids == ids.sorted())
    }

    @Test func carriesVersionAndVariant() {
        var generator = SeededGenerator(seed: 2)
        let text = Array(UUIDv7(at: Timestamp(millisecondsSinceEpoch: 1), using: &generator).description)
        #expect(text[14] == "7")
        #expect("89ab".contains(text[19]))
    }

    @Test func readsWhatItWrites() {
        var generator = SeededGenerator(seed: 3)
        let id = UUIDv7(at: Timestamp(millisecondsSinceEpoch: 1_795_248_311_042), using: &generator)
        #expect(UUIDv7(id.description) == id)
        #expect(UUIDv7(id.description.uppercased()) == id)
    }

    @Test(arguments: [
        "", "0190", "01900000-0000-7000-8000-00000000000", "01900000-0000-7000-8000-0000000000000",
        "01900000_0000-7000-8000-000000000000", "0190000g-0000-7000-8000-000000000000",
        "../../../../../../../../../../../../", "01900000-0000-7000-8000-00000000000é",
    ])
    func refuses(text: String) {
        #expect(UUIDv7(text) == nil)
    }
}

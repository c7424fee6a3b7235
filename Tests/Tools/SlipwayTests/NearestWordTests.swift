import Testing

@testable import slipway

@Suite struct NearestWordTests {
    @Test(arguments: [
        ("", "", 0), ("a", "", 1), ("list", "list", 0), ("lsit", "list", 1), ("kitten", "sitting", 3),
        ("modles", "models", 1), ("crate", "create", 1),
    ])
    func countsTheSteps(first: String, second: String, distance: Int) {
        #expect(editDistance(first, second) == distance)
        #expect(editDistance(second, first) == distance)
    }

    @Test(arguments: [
        ("lst", "list"), ("logs", "logs"), ("delte", "delete"), ("xyzzy", nil), ("", nil),
    ])
    func findsOnlyWhatIsNear(word: String, nearest: String?) {
        #expect(nearestWord(to: word, among: ["list", "logs", "delete"]) == nearest)
    }

    @Test func knowsNothingAmongNothing() {
        #expect(nearestWord(to: "list", among: []) == nil)
    }
}

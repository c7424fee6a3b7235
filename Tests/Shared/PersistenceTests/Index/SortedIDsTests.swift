import Testing

@testable import Persistence

struct SortedIDsTests {
    @Test func areSortedWithoutDoubles() {
        #expect(SortedIDs(["b", "a", "c", "a", "b"]).all == ["a", "b", "c"])
        #expect(SortedIDs(text: "").isEmpty)
        #expect(SortedIDs(text: "b a").all == ["a", "b"])
    }

    @Test func comeAndGo() {
        var ids = SortedIDs(["b", "d"])
        let inserted = ["c", "a", "e", "c"].map { ids.insert($0) }
        #expect(inserted == [true, true, true, false])
        let removed = ["b", "b", "x"].map { ids.remove($0) }
        #expect(removed == [true, false, false])
        #expect(ids.all == ["a", "c", "d", "e"])
        #expect(ids.contains("c"))
        #expect(!ids.contains("b"))
    }

    @Test func tellWhatIsBehindAnID() {
        let ids = SortedIDs(["b", "d"])
        let behind = [nil, "a", "b", "c", "d", "e"].map { Array(ids.after($0)) }
        #expect(behind == [["b", "d"], ["b", "d"], ["d"], ["d"], [], []])
    }

    /// The digest is stored: it must be the same for ever.
    @Test func haveADigestOfTheirOwn() {
        let lists: [[String]] = [[], ["a"], ["b"], ["a", "b"], ["ab"], ["a", "b", "c"]]
        let digests = lists.map { SortedIDs($0).digest }
        #expect(Set(digests).count == digests.count)
        #expect(digests.allSatisfy { $0.utf8.count == 16 })
        #expect(digests.first == "cbf29ce484222325")
        #expect(digests.dropFirst().first == "089c0207b5452844")
    }
}

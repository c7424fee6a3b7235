import InferenceGatewayCore
import TestSupport
import Testing

struct WholeEventsTests {
    @Test(arguments: ["\n", "\r\n", "\r"])
    func passesWholeEventsHoweverTheyCome(lineEnd: String) {
        let text = (0..<40).map { "data: {\"n\":\($0)}\(lineEnd)id: \($0)\(lineEnd)\(lineEnd)" }.joined()
        let bytes = Array(text.utf8)
        let end = Array((lineEnd + lineEnd).utf8)
        for seed in 1...20 as ClosedRange<UInt64> {
            var generator = SeededGenerator(seed: seed)
            var events = WholeEvents(maximumHeldBytes: 1000)
            var passed: [UInt8] = []
            var index = 0
            while index < bytes.count {
                let next = min(bytes.count, index + Int.random(in: 1...50, using: &generator))
                if let whole = events.pass(Array(bytes[index..<next])) {
                    #expect(whole.suffix(end.count) == end[...])
                    passed += whole
                    #expect(events.mayBeFollowed)
                }
                index = next
            }
            #expect(passed == bytes)
            #expect(events.takeRest() == nil)
        }
    }

    @Test func keepsHalfAnEventBack() {
        var events = WholeEvents(maximumHeldBytes: 1000)
        #expect(events.pass(Array("data: 1\n\ndata:".utf8)) == Array("data: 1\n\n".utf8))
        #expect(events.pass(Array(" 2\n".utf8)) == nil)
        #expect(events.mayBeFollowed)
        #expect(events.pass(Array("\n".utf8)) == Array("data: 2\n\n".utf8))
        #expect(events.pass(Array("data: 3".utf8)) == nil)
        #expect(events.takeRest() == Array("data: 3".utf8))
    }

    @Test func holdsNoMoreThanItsLimit() {
        var events = WholeEvents(maximumHeldBytes: 10)
        #expect(events.pass(Array("data: 1234".utf8)) == nil)
        #expect(events.pass(Array("5".utf8)) == Array("data: 12345".utf8))
        #expect(!events.mayBeFollowed)
    }

    @Test(arguments: ["\n\n", "\r\n\r\n"])
    func nothingFollowsTheLastEvent(end: String) {
        var events = WholeEvents(maximumHeldBytes: 100)
        #expect(events.pass(Array("data: [DONE]\(end)".utf8)) != nil)
        #expect(!events.mayBeFollowed)
    }
}

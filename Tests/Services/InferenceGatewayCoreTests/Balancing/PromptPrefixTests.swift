import Testing

@testable import InferenceGatewayCore

@Suite struct PromptPrefixTests {
    private func hash(_ body: String) -> UInt64? { PromptPrefix.hash(in: Array(body.utf8).span) }

    private static let system = #"{"role":"system","content":"Be brief, \"please\"."}"#
    private static let user = #"{"content":[{"type":"text","text":"hello } ]"}],"role":"user"}"#

    @Test func laterTurnsOfAChatBeginAsTheFirst() throws {
        let first = try #require(hash(#"{"model":"m","messages":[\#(Self.system),\#(Self.user)]}"#))
        let later = hash(
            #"{"model":"m","messages":[\#(Self.system),\#(Self.user),{"role":"assistant","content":"hi"},"#
                + #"{"role":"user","content":"and now?"}],"stream":true}"#)
        #expect(first == later)
    }

    @Test func theOrderAndNumberOfOtherMembersDoNotMatter() {
        let one = hash(#"{"messages":[\#(Self.user)],"model":"m","temperature":0}"#)
        let other = hash(#" { "stream" : true , "options":{"messages":[1]}, "messages": [\#(Self.user)] }"#)
        #expect(one != nil)
        #expect(one == other)
    }

    @Test(arguments: [
        (#"{"messages":[{"role":"user","content":"a"}]}"#, #"{"messages":[{"role":"user","content":"b"}]}"#),
        (#"{"prompt":"a"}"#, #"{"prompt":"b"}"#),
        (#"{"input":["a"]}"#, #"{"input":["b"]}"#),
    ])
    func otherPromptsHaveOtherBeginnings(one: String, other: String) {
        #expect(hash(one) != nil)
        #expect(hash(one) != hash(other))
    }

    @Test func onlyTheBeginningCounts() {
        let start = String(repeating: "x", count: PromptPrefix.maximumBytes)
        #expect(hash(#"{"prompt":"\#(start)a"}"#) == hash(#"{"prompt":"\#(start)b"}"#))
    }

    @Test(arguments: [
        "", "{", "{}", "[]", "null", #"{"model":"m"}"#, #"{"model""#, #"{"model":"#, #"{"messages":"#, #"{"a":"\"#,
    ])
    func whatHasNoPromptHasNoBeginning(body: String) {
        #expect(hash(body) == nil)
    }

    @Test func everyCutOfABodyIsHarmless() {
        let body = Array(#"{"a":[{"b":"\\"}],"messages":[\#(Self.system),\#(Self.user)],"model":"m"}"#.utf8)
        for end in 0...body.count { _ = PromptPrefix.hash(in: body.span.extracting(0..<end)) }
        for index in body.indices {
            var broken = body
            broken[index] = UInt8(ascii: "\"")
            _ = PromptPrefix.hash(in: broken.span)
        }
    }
}

import ModelServingCore
import Testing

@Suite struct ServiceNameTests {
    @Test(arguments: ["a", "chat", "chat-2", "0", "a--b", String(repeating: "a", count: 63)])
    func acceptsDNSLabels(text: String) {
        #expect(ServiceName(text)?.description == text)
    }

    @Test(arguments: [
        ("", "empty"), ("-a", "begin"), ("a-", "end"), ("Chat", "lower-case"), ("a.b", "lower-case"),
        ("a_b", "lower-case"), ("a/b", "lower-case"), ("ä", "lower-case"), ("a\u{0}", "lower-case"),
        ("a b", "lower-case"), ("..", "lower-case"), (String(repeating: "a", count: 64), "64 characters"),
        (String(repeating: "a", count: 10_000), "at most 63"),
    ])
    func saysWhatIsWrongWithOthers(text: String, words: String) {
        #expect(ServiceName(text) == nil)
        #expect(ServiceName.problem(in: text)?.contains(words) == true)
    }
}

@Suite struct ModelVersionSelectorTests {
    @Test(arguments: ["1", "latest", "v1.2_b", "stable", "2024-01-01"])
    func acceptsNumbersAndAliases(text: String) {
        #expect(ModelVersionSelector(text)?.description == text)
    }

    @Test(arguments: ["", "-1", ".", "..", "a/b", "a b", "ä", "a\n", String(repeating: "1", count: 64)])
    func refusesWhatCouldNotBeAPathSegment(text: String) {
        #expect(ModelVersionSelector(text) == nil)
    }
}

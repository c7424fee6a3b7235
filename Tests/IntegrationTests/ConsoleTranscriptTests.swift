import Testing

@Suite struct ConsoleTranscriptTests {
    @Test func findsCommandsWithTheirOutput() {
        let text = """
            # Title
            ```console
            $ one
            first
            second

            $ two --flag \\
                --other
            $ curl -d '{
              "a": 1
            }' url
            {}
            ```
            ```swift
            $ not this
            ```
            """
        let steps = ConsoleTranscript(markdown: text).steps
        #expect(steps.map(\.command) == ["one", "two --flag \\\n    --other", "curl -d '{\n  \"a\": 1\n}' url"])
        #expect(steps.map(\.output) == [["first", "second", ""], [], ["{}"]])
    }

    @Test(arguments: [
        (["a", "b"], ["a", "b"]), (["id 7f3 here"], ["id … here"]), (["id 7"], ["id …"]), (["x"], ["…"]),
        ([], ["…"]), (["a", "b", "c"], ["a", "…", "c"]), (["a", "c"], ["a", "…", "c"]),
        (["1 and 2 and 3"], ["…and…3"]),
    ])
    func takesAnEllipsisForAnything(actual: [String], expected: [String]) {
        #expect(ConsoleTranscript.difference(actual, from: expected) == nil)
    }

    @Test(arguments: [
        (["a"], ["b"]), (["a", "b"], ["a"]), (["a"], ["a", "b"]), (["id 7"], ["id … here"]), (["b"], ["a", "…"]),
        (["a", "b"], ["a", "…", "c"]), (["ab"], ["…c…"]),
    ])
    func noticesADifference(actual: [String], expected: [String]) {
        #expect(ConsoleTranscript.difference(actual, from: expected) != nil)
    }
}

import Testing

@testable import InferenceGatewayCore

@Suite struct TokenUsageTests {
    /// Counts of a document, and of the same as an event.
    private static let answers: [(String, Int64, Int64)] = [
        (#"{"choices":[],"usage":{"prompt_tokens":12,"completion_tokens":34,"total_tokens":46}}"#, 12, 34),
        (#"{"usage" : { "completion_tokens" : 1 , "prompt_tokens" : 2 } , "id": "x"}"#, 2, 1),
        (#"{"usage":{"prompt_tokens":5,"total_tokens":5}}"#, 5, 0),
        (#"{"usage":{"input_tokens":7,"input_tokens_details":{"cached_tokens":3},"output_tokens":8}}"#, 7, 8),
        (#"{"usage":{"prompt_tokens":1,"d":{"x":["}","\"",{}]},"completion_tokens":null}}"#, 1, 0),
        (#"{"usage":{"prompt_tokens":1,"completion_tokens":1},"timings":{"usage":"none"}}"#, 1, 1),
        (#"{"usage":{"prompt_tokens":1000000000,"completion_tokens":1000000000}}"#, 1_000_000_000, 1_000_000_000),
        // What a caller had put into its tools comes back, and is not what it cost.
        (#"{"usage":{"input_tokens":5,"output_tokens":3},"tools":[{"usage":{"input_tokens":0}}]}"#, 5, 3),
        (#"{"tools":[{"usage":{"input_tokens":0}}],"usage":{"input_tokens":5,"output_tokens":3}}"#, 5, 3),
        (#"{"a":"usage","b":["usage"],"usage":{"prompt_tokens":2},"c\"usage":{"prompt_tokens":9},"d":"}"}"#, 2, 0),
    ]

    /// - Parameter size: of the pieces; nil for the whole answer.
    private static func tokens(
        in answer: [UInt8], _ content: TokenUsage.Content, by size: Int? = nil
    ) -> TokenCounts? {
        var usage = TokenUsage(in: content)
        guard let size else {
            usage.append(whole: answer.span)
            return usage.tokens
        }
        for start in stride(from: 0, to: answer.count, by: size) {
            usage.append(answer.span.extracting(start..<min(start + size, answer.count)))
        }
        return usage.tokens
    }

    @Test(arguments: answers, [TokenUsage.Content.document, .events])
    func findsTheCounts(answer: (text: String, prompt: Int64, completion: Int64), content: TokenUsage.Content) {
        let expected = TokenCounts(prompt: answer.prompt, completion: answer.completion)
        let bytes = Array((content == .document ? answer.text : "data: \(answer.text)\n\ndata: [DONE]\n\n").utf8)
        #expect(Self.tokens(in: bytes, content) == expected)
        for size in [1, 7, 4096] {
            let found = Self.tokens(in: bytes, content, by: size)
            #expect(found == expected, "in pieces of \(size)")
        }
    }

    @Test(
        arguments: [
            ("data: {\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}\n\ndata: {\"usage\":null}\n\n", 3, 4),
            // Of an engine that tells with each event, the last counts.
            ("data: {\"usage\":{\"prompt_tokens\":3}}\n\ndata: {\"usage\":{\"prompt_tokens\":4}}\n\n", 4, 0),
            // An event that holds the whole answer.
            (
                #"data: {"type":"response.completed","response":{"usage":{"input_tokens":3,"output_tokens":4}}}"#, 3,
                4
            ),
            (
                #"data: {"response":{"usage":{"input_tokens":3},"tools":[{"usage":{"input_tokens":0}}]}}"# + "\n\n", 3,
                0
            ),
        ] as [(String, Int64, Int64)])
    func findsTheCountsOfEvents(events: String, prompt: Int64, completion: Int64) {
        let expected = TokenCounts(prompt: prompt, completion: completion)
        #expect(Self.tokens(in: Array(events.utf8), .events) == expected)
        for size in [1, 7, 4096] {
            #expect(Self.tokens(in: Array(events.utf8), .events, by: size) == expected)
        }
    }

    @Test(
        arguments: [
            "", "hello", #"{"usage":"#, #"{"usage":{"prompt_tokens":1"#,
            #"{"usage":{"prompt_tokens":1,"completion_tok"#,
            #"{"usage":{}}"#, #"{"usage":[1]}"#, #"{"usage":{"prompt_tokens":-1}}"#,
            #"{"usage":{"prompt_tokens":1.5}}"#, #"{"usage":{"prompt_tokens":"1"}}"#,
            #"{"usage":{"prompt_tokens":12345678901234567890}}"#, #"{"usage":{"prompt_tokens":1000000001}}"#,
            #"{"usage":{"prompt_tokens":999999999999999}}"#, #"{"us\u0061ge":{"prompt_tokens":1}}"#,
            #"{"content":"\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1}"}"#,
            #"{"choices":[{"usage":{"prompt_tokens":9}}]}"#, "}}}]]",
        ], [TokenUsage.Content.document, .events])
    func findsNoneWhereThereAreNone(answer: String, content: TokenUsage.Content) {
        #expect(Self.tokens(in: Array(answer.utf8), content) == nil)
        #expect(Self.tokens(in: Array(answer.utf8), content, by: 3) == nil)
    }

    /// An answer of vLLM's, whose counts have much behind them.
    private static func answer(behind bytes: Int, of part: String) -> [UInt8] {
        let usage = #""usage":{"prompt_tokens":12,"completion_tokens":34}"#
        let rest = String(repeating: part, count: 1 + bytes / part.utf8.count)
        return Array(#"{"choices":[{"usage":{"prompt_tokens":9}}],\#(usage),"prompt_logprobs":[\#(rest)null]}"#.utf8)
    }

    @Test(
        arguments: [4096, 10_000, 300_000],
        [#"{"42":{"logprob":-0.5,"decoded_token":"usage"}},"#, #""\"usage\":{\"prompt_tokens\":1}","#])
    func countsWithMuchBehindThemAreFoundInADocument(bytes: Int, part: String) {
        let answer = Self.answer(behind: bytes, of: part)
        let expected = TokenCounts(prompt: 12, completion: 34)
        #expect(Self.tokens(in: answer, .document) == expected)
        for size in [1, 7, 1000, 4096, 5000, 65_536] {
            #expect(Self.tokens(in: answer, .document, by: size) == expected, "in pieces of \(size)")
        }
    }

    @Test func countsThatLieInTwoPiecesAreFoundWhereverTheyAreCut() {
        let answer = Self.answer(behind: 20_000, of: "1,")
        for cut in 40..<120 {
            var usage = TokenUsage(in: .document)
            for piece in [answer[..<cut], answer[cut..<cut + 6000], answer[(cut + 6000)...]] {
                usage.append(piece.span)
            }
            #expect(usage.tokens == TokenCounts(prompt: 12, completion: 34), "cut at \(cut)")
        }
    }

    @Test func countsOfWhatIsInADocumentAreNotItsOwn() {
        let rest = String(repeating: "1,", count: 4096)
        let answer = #"{"choices":[{"usage":{"prompt_tokens":9}}],"prompt_token_ids":[\#(rest)1]}"#
        #expect(Self.tokens(in: Array(answer.utf8), .document) == nil)
    }

    @Test func wordsOfAPromptAreNotTakenForTheNameOfTheCounts() {
        let words = String(repeating: #","usage""#, count: 100)
        let answer = #"{"usage":{"prompt_tokens":1,"completion_tokens":2},"words":[""\#(words)]}"#
        #expect(Self.tokens(in: Array(answer.utf8), .document) == TokenCounts(prompt: 1, completion: 2))
    }

    /// As the last event of vLLM's responses, with what its caller had sent behind the counts.
    @Test(arguments: [4096, 100_000])
    func countsWithMuchBehindThemAreFoundInAnEvent(bytes: Int) {
        let rest = String(repeating: #"{"usage":{"input_tokens":0}},"#, count: bytes / 20)
        let event = #"{"response":{"usage":{"input_tokens":3,"output_tokens":4},"input_messages":[\#(rest)null]}}"#
        let events = Array("event: response.completed\ndata: \(event)\n\ndata: [DONE]\n\n".utf8)
        for size in [1, 7, 4096, 65_536] {
            #expect(Self.tokens(in: events, .events, by: size) == TokenCounts(prompt: 3, completion: 4))
        }
    }

    @Test func theCountsOfAStreamMayComeApart() {
        let events = """
            event: message_start
            data: {"type":"message_start","message":{"usage":{"input_tokens":25,"output_tokens":1}}}

            data: {"type":"content_block_delta","delta":{"type":"text_delta","text":"\\\"usage\\\":{"}}

            data: {"type":"message_delta","usage":{"output_tokens":15}}
            """
        #expect(Self.tokens(in: Array(events.utf8), .events) == TokenCounts(prompt: 25, completion: 15))
    }

    @Test(arguments: [": a comment with one \"", "data: {\"cut\": [{\"off", "data: }}}]", "data: \"\\"])
    func aLineThatIsNoJSONSpoilsNoOther(line: String) {
        let events = "\(line)\ndata: {\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}\n\n"
        for size in [1, 1000] {
            let found = Self.tokens(in: Array(events.utf8), .events, by: size)
            #expect(found == TokenCounts(prompt: 3, completion: 4))
        }
    }

    @Test func countsOfWhatAnEventHoldsAreNotItsOwn() {
        let metadata = #""metadata":{"usage":{"prompt_tokens":9}}"#
        let event = #"data: {\#(metadata),"response":{\#(metadata)}}"#
        #expect(Self.tokens(in: Array(event.utf8), .events) == nil)
    }

    @Test func anObjectThatIsTooLongIsNone() {
        let details = String(repeating: " ", count: TokenUsage.maximumCountsBytes)
        let answer = Array(#"{"usage":{"prompt_tokens":1,\#(details)"completion_tokens":2}}"#.utf8)
        for size in [1000, 10_000] { #expect(Self.tokens(in: answer, .document, by: size) == nil) }
    }
}

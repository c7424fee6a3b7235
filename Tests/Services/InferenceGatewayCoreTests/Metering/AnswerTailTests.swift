import InferenceGatewayCore
import Testing

@Suite struct AnswerTailTests {
    @Test(
        arguments: [
            (#"{"choices":[],"usage":{"prompt_tokens":12,"completion_tokens":34,"total_tokens":46}}"#, 12, 34),
            (#"{"usage" : { "completion_tokens" : 1 , "prompt_tokens" : 2 } , "id": "x"}"#, 2, 1),
            (#"{"usage":{"prompt_tokens":5,"total_tokens":5}}"#, 5, 0),
            (#"{"usage":{"input_tokens":7,"input_tokens_details":{"cached_tokens":3},"output_tokens":8}}"#, 7, 8),
            (#"{"usage":{"prompt_tokens":1,"d":{"x":["}","\"",{}]},"completion_tokens":null}}"#, 1, 0),
            (#"{"usage":{"prompt_tokens":1,"completion_tokens":1},"timings":{"usage":"none"}}"#, 1, 1),
            ("data: {\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}\n\ndata: [DONE]\n\n", 3, 4),
            ("data: {\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}\n\ndata: {\"usage\":null}\n\n", 3, 4),
            (#"{"usage":{"prompt_tokens":1000000000,"completion_tokens":1000000000}}"#, 1_000_000_000, 1_000_000_000),
            // Of an engine that tells with each event, the last counts.
            (
                #"{"usage":{"prompt_tokens":3}} {"usage":{"prompt_tokens":3,"completion_tokens":2}}"#,
                3, 2
            ),
        ] as [(String, Int64, Int64)])
    func findsTheCounts(answer: String, prompt: Int64, completion: Int64) {
        let expected = TokenCounts(prompt: prompt, completion: completion)
        #expect(AnswerTail.tokens(in: Array(answer.utf8)) == expected)
        for size in [1, 7, 4096] {
            var tail = AnswerTail()
            var rest = Array(answer.utf8)[...]
            while !rest.isEmpty {
                tail.append(Array(rest.prefix(size)))
                rest = rest.dropFirst(size)
            }
            #expect(tail.tokens == expected, "in pieces of \(size)")
        }
    }

    @Test(arguments: [
        "", "hello", #"{"usage":"#, #"{"usage":{"prompt_tokens":1"#, #"{"usage":{"prompt_tokens":1,"completion_tok"#,
        #"{"usage":{}}"#, #"{"usage":[1]}"#, #"{"usage":{"prompt_tokens":-1}}"#, #"{"usage":{"prompt_tokens":1.5}}"#,
        #"{"usage":{"prompt_tokens":"1"}}"#, #"{"usage":{"prompt_tokens":12345678901234567890}}"#,
        #"{"usage":{"prompt_tokens":1000000001}}"#, #"{"usage":{"prompt_tokens":999999999999999}}"#,
        #"{"content":"\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1}"}"#,
    ])
    func findsNoneWhereThereAreNone(answer: String) {
        #expect(AnswerTail.tokens(in: Array(answer.utf8)) == nil)
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
        #expect(AnswerTail.tokens(in: answer) == expected)
        for size in [1, 7, 1000, 4096, 5000, 65_536] {
            var tail = AnswerTail(ofDocument: true)
            for start in stride(from: 0, to: answer.count, by: size) {
                tail.append(Array(answer[start..<min(start + size, answer.count)]))
            }
            #expect(tail.tokens == expected, "in pieces of \(size)")
        }
    }

    @Test func countsThatLieInTwoPiecesAreFoundWhereverTheyAreCut() {
        let answer = Self.answer(behind: 20_000, of: "1,")
        for cut in 40..<120 {
            var tail = AnswerTail(ofDocument: true)
            for piece in [answer[..<cut], answer[cut..<cut + 6000], answer[(cut + 6000)...]] {
                tail.append(Array(piece))
            }
            #expect(tail.tokens == TokenCounts(prompt: 12, completion: 34), "cut at \(cut)")
        }
    }

    @Test func countsOfWhatIsInADocumentAreNotItsOwn() {
        let rest = String(repeating: "1,", count: AnswerTail.maximumBytes)
        let answer = #"{"choices":[{"usage":{"prompt_tokens":9}}],"prompt_token_ids":[\#(rest)1]}"#
        #expect(AnswerTail.tokens(in: Array(answer.utf8)) == nil)
    }

    @Test func wordsOfAPromptAreNotTakenForTheNameOfTheCounts() {
        let words = String(repeating: #","usage""#, count: 100)
        let answer = #"{"usage":{"prompt_tokens":1,"completion_tokens":2},"words":[""\#(words)]}"#
        #expect(AnswerTail.tokens(in: Array(answer.utf8)) == TokenCounts(prompt: 1, completion: 2))
    }

    @Test func keepsNoMoreThanTheEnd() {
        let usage = #"{"usage":{"prompt_tokens":1,"completion_tokens":2}}"#
        var tail = AnswerTail()
        for _ in 0..<10_000 { tail.append(Array(#"data: {"choices":[{"delta":{"content":"x"}}]}"#.utf8)) }
        tail.append(Array(usage.utf8))
        tail.append(Array("data: [DONE]".utf8))
        #expect(tail.tokens == TokenCounts(prompt: 1, completion: 2))
        tail.append([UInt8](repeating: 0x20, count: AnswerTail.maximumBytes))
        #expect(tail.tokens == nil)
    }
}

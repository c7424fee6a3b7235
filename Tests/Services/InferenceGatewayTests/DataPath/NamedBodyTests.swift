import HTTP
import InferenceGatewayCore
import Testing

@testable import InferenceGateway

@Suite struct NamedBodyTests {
    private let budget = HeldBytesBudget()

    private func name(_ stream: PieceStream) async throws(Refusal) -> NamedBody {
        try await NamedBody.find(in: stream, length: nil, budget: budget)
    }

    @Test func readsAStreamOnlyUntilTheNameAndPassesAllOfItOn() async throws {
        let stream = PieceStream([#"{"mod"#, #"el":"ch"#, #"at","x":"#, #""rest"}"#])
        let named = try await name(stream)
        #expect(named.modelName == "chat")
        #expect(stream.taken == 3)
        #expect(budget.usedBytes > 0)
        #expect(
            String(decoding: try await named.body.collect(limitBytes: 100), as: UTF8.self)
                == #"{"model":"chat","x":"rest"}"#)
        #expect(budget.usedBytes == 0)
    }

    @Test func keepsTheKnownLength() async throws {
        let named = try await NamedBody.find(
            in: PieceStream([#"{"model":"chat"}"#]), length: 16, budget: budget)
        #expect(named.body.length == 16)
    }

    @Test func holdsABoundedPart() async throws {
        let megabyte = String(repeating: "x", count: 1 << 20)
        let pieces = [#"{"a":""#] + Array(repeating: megabyte, count: 9) + [#"","model":"chat"}"#]
        let stream = PieceStream(pieces)
        await #expect(throws: Refusal.modelNotInFirstPart(limitBytes: NamedBody.maximumHeldBytes)) {
            try await name(stream)
        }
        #expect(stream.taken == 9)
        #expect(budget.usedBytes == 0)
    }

    @Test func allBodiesTogetherHoldABoundedPartToo() async throws {
        let small = HeldBytesBudget(limitBytes: 10)
        let stream = PieceStream([#"{"a":""#, "xxxxxxxxxx", #"","model":"chat"}"#])
        await #expect(throws: Refusal.tooManyHeldBodies) {
            try await NamedBody.find(in: stream, length: nil, budget: small)
        }
        #expect(small.usedBytes == 0)
    }

    @Test func aLargeBodyThatNamesItsModelFirstIsStreamedOn() async throws {
        let megabyte = String(repeating: "x", count: 1 << 20)
        let stream = PieceStream([#"{"model":"chat","a":""#] + Array(repeating: megabyte, count: 20) + ["\"}"])
        let named = try await name(stream)
        #expect(stream.taken == 1)
        #expect(try await named.body.collect(limitBytes: 1 << 30).count > 20 << 20)
    }

    @Test(arguments: [
        (HTTPBodyError.incomplete("gone"), Refusal.bodyIncomplete), (.tooSlow("late"), .bodyTooSlow),
        (.tooLarge(limitBytes: 7), .bodyTooLarge(limitBytes: 7)),
    ])
    func aBodyThatBreaksOffIsRefused(_ failure: HTTPBodyError, _ refusal: Refusal) async {
        await #expect(throws: refusal) { try await name(PieceStream([#"{"a":"#], failure: failure)) }
    }

    @Test func aStreamThatEndsWithoutANameIsRefused() async {
        await #expect(throws: Refusal.modelNotNamed(.malformed)) { try await name(PieceStream([#"{"a":"#])) }
        await #expect(throws: Refusal.modelNotNamed(.notAnObject)) { try await name(PieceStream([])) }
    }

    @Test func whoCanBeAdmittedToNothingIsHeldLess() async throws {
        let piece = String(repeating: "x", count: NamedBody.maximumStrangersBytes / 2)
        let stream = PieceStream([#"{"a":""#, piece, piece, piece, #"","model":"chat"}"#])
        await #expect(throws: Refusal.tokenInvalid) {
            try await NamedBody.find(in: stream, length: nil, budget: budget, stranger: { .tokenInvalid })
        }
        #expect(stream.taken == 3)
        #expect(budget.usedBytes == 0)
        let known = PieceStream([#"{"a":""#, piece, piece, piece, #"","model":"chat"}"#])
        #expect(try await NamedBody.find(in: known, length: nil, budget: budget).modelName == "chat")
    }

    @Test func theSearchEndsHoweverSlowlyTheBodyComes() async throws {
        let start = ContinuousClock.now
        var clock = [start, start, start + NamedBody.searchDeadline].makeIterator()
        let stream = PieceStream([#"{"a":""#, "x", #"","model":"chat"}"#])
        await #expect(throws: Refusal.modelTooLate) {
            try await NamedBody.find(
                in: stream, length: nil, budget: budget, now: { clock.next() ?? start + NamedBody.searchDeadline })
        }
        #expect(stream.taken == 2)
    }

    @Test func smallPiecesAreHeldTogether() async throws {
        let text = #"{"a":""# + String(repeating: "x", count: 5000) + #"","model":"chat"}"#
        let named = try await name(PieceStream(text.map { String($0) }))
        #expect(named.start.count == 4096)
        #expect(String(decoding: try await named.body.collect(limitBytes: 6000), as: UTF8.self) == text)
    }

    @Test func aFormIsReadAsWell() async throws {
        let boundary = try #require(FormBoundary(contentType: "multipart/form-data; boundary=B"))
        let form = "--B\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper\r\n--B--\r\n"
        let stream = PieceStream(["--B", String(form.dropFirst(3))])
        let named = try await NamedBody.find(in: stream, length: nil, budget: budget, boundary: { boundary })
        #expect(named.modelName == "whisper")
        #expect(String(decoding: try await named.body.collect(limitBytes: 1000), as: UTF8.self) == form)
        #expect(try NamedBody.name(in: .bytes(Array(form.utf8)), boundary: { boundary }) == "whisper")
        #expect(throws: Refusal.modelNotNamed(.notAnObject)) {
            try NamedBody.name(in: .bytes(Array(form.utf8)), boundary: { nil })
        }
        // What a body is it tells itself, whatever its content type says.
        let json = HTTPBody.bytes(Array(#"{"model":"chat"}"#.utf8))
        #expect(try NamedBody.name(in: json, boundary: { boundary }) == "chat")
    }

    @Test func givingUpAHeldBodyReachesItsSource() async throws {
        let stream = PieceStream([#"{"model":"chat""#, "}"])
        let named = try await name(stream)
        guard case .stream(let whole, _) = named.body else {
            Issue.record("the body should stream")
            return
        }
        whole.cancel()
        #expect(stream.isCancelled)
    }
}

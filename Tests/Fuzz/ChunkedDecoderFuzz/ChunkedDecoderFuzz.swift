import HTTP

/// Any bytes: the decoder must not trap, must hold to its limits, and must yield the same however they are split and
/// however little room it is given.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzChunkedDecoder(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: count))
    let whole = decode(bytes, step: max(1, bytes.count), room: .max)
    for (step, room) in [(1, Int.max), (7, 3), (max(1, bytes.count), 1)] {
        let split = decode(bytes, step: step, room: room)
        precondition(split == whole, "in steps of \(step) with room \(room): \(split), whole: \(whole)")
    }
    return 0
}

private struct Outcome: Equatable {
    var content: [UInt8] = []
    var consumed = 0
    var isComplete = false
    var refusal: Int?
}

private func decode(_ bytes: [UInt8], step: Int, room: Int) -> Outcome {
    let limits = HTTPBodyLimits(
        contentBytes: 1000, chunkExtensionBytes: 16, chunkOverheadBytes: 100, trailerBytes: 100, trailerCount: 3)
    var decoder = ChunkedDecoder(limits: limits)
    var outcome = Outcome()
    var arrived = 0
    while arrived < bytes.count, !decoder.isComplete {
        arrived = min(bytes.count, arrived + step)
        var piece: [UInt8] = []
        repeat {
            outcome.content += piece
            piece = []
            do throws(HTTPParseError) {
                outcome.consumed += try decoder.decode(
                    bytes, outcome.consumed..<arrived, into: &piece, capacity: room)
            } catch {
                outcome.content += piece
                outcome.refusal = error.status.code
                // How much was consumed before a refusal does not matter: the connection is closed.
                outcome.consumed = 0
                return outcome
            }
        } while !piece.isEmpty && outcome.consumed < arrived
        outcome.content += piece
    }
    outcome.isComplete = decoder.isComplete
    precondition(outcome.content.count <= limits.contentBytes)
    return outcome
}

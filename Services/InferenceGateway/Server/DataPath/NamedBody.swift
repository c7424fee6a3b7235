import HTTP
import InferenceGatewayCore

/// A body whose `model` is known, still whole.
struct NamedBody {
    /// What is held of one body while its `model` is looked for. A body that names it later is refused; clients that
    /// send large images put them behind the name, or use `/services/{name}/…`.
    static let maximumHeldBytes = 8 << 20
    /// What is held for callers who cannot be admitted to anything.
    static let maximumStrangersBytes = 64 << 10
    /// Until the `model` has come: longer than 8 MiB take over a slow line, and an end for who sends a little for ever.
    static let searchDeadline: Duration = .seconds(120)
    /// Pieces that are smaller are put together, so that what is held is not mostly what it takes to hold it.
    private static let smallPieceBytes = 4096

    let modelName: String
    let body: HTTPBody
    /// What came first of it.
    let start: [UInt8]

    /// The `model` of a body that is all there.
    static func name(in body: HTTPBody, boundary: () -> FormBoundary?) throws(Refusal) -> String {
        guard case .bytes(let bytes) = body else { throw .modelNotNamed(.notAnObject) }
        var search = ModelSearch()
        switch search.scan(bytes.span, boundary: boundary) {
        case .found(let name): return name
        case .refused(let problem): throw .modelNotNamed(problem)
        case .needsMore: throw .modelNotNamed(search.problemAtEnd())
        }
    }

    /// Reads as much of a body as it takes to find `model`, and no more.
    ///
    /// - Parameters:
    ///   - stranger: why the caller cannot be admitted to any service; nil if it can. Asked for once, when more is to
    ///     be held than for anybody.
    ///   - now: for the deadline.
    static func find(
        in stream: any ByteStream, length: Int?, budget: HeldBytesBudget,
        stranger: () async -> Refusal? = { nil },
        boundary: () -> FormBoundary? = { nil }, now: () -> ContinuousClock.Instant = { .now }
    ) async throws(Refusal) -> NamedBody {
        var search = ModelSearch()
        let reservation = HeldBytesBudget.Reservation(of: budget)
        let deadline = now() + searchDeadline
        var held: [[UInt8]] = []
        var heldBytes = 0
        var isKnown = false
        while let piece = try await next(stream) {
            hold(piece, in: &held)
            heldBytes += piece.count
            switch search.scan(piece.span, boundary: boundary) {
            case .found(let name):
                let whole = PrefixedStream(held, then: stream, reservation)
                return NamedBody(modelName: name, body: .stream(whole, length: length), start: held[0])
            case .refused(let problem): throw .modelNotNamed(problem)
            case .needsMore: break
            }
            guard heldBytes <= maximumHeldBytes else { throw .modelNotInFirstPart(limitBytes: maximumHeldBytes) }
            if heldBytes > maximumStrangersBytes, !isKnown {
                if let refusal = await stranger() { throw refusal }
                isKnown = true
            }
            guard now() < deadline else { throw .modelTooLate }
            guard reservation.grow(by: piece.count) else { throw .tooManyHeldBodies }
        }
        throw .modelNotNamed(search.problemAtEnd())
    }

    private static func hold(_ piece: [UInt8], in held: inout [[UInt8]]) {
        if let last = held.indices.last, held[last].count + piece.count <= smallPieceBytes {
            held[last].append(contentsOf: piece)
        } else {
            held.append(piece)
        }
    }

    private static func next(_ stream: any ByteStream) async throws(Refusal) -> [UInt8]? {
        do {
            return try await stream.next()
        } catch {
            throw Task.isCancelled ? .clientGone : (error as? HTTPBodyError).map(Refusal.init) ?? .bodyIncomplete
        }
    }
}

import HTTP
import InferenceGatewayCore

/// A body whose `model` is known, still whole.
struct NamedBody {
    /// What is held of one body while its `model` is looked for. A body that names it later is refused; clients that
    /// send large images put them behind the name, or use `/services/{name}/…`.
    static let maximumHeldBytes = 8 << 20

    let modelName: String
    let body: HTTPBody
    /// What came first of it.
    let start: [UInt8]

    /// The `model` of a body that is all there.
    static func name(in body: HTTPBody) throws(Refusal) -> String {
        guard case .bytes(let bytes) = body else { throw .modelNotNamed(.notAnObject) }
        var scanner = ModelNameScanner()
        switch scanner.scan(bytes.span) {
        case .found(let name): return name
        case .refused(let problem): throw .modelNotNamed(problem)
        case .needsMore: throw .modelNotNamed(scanner.problemAtEnd())
        }
    }

    /// Reads as much of a body as it takes to find `model`, and no more.
    static func find(
        in stream: any ByteStream, length: Int?, budget: HeldBytesBudget
    ) async throws(Refusal) -> NamedBody {
        var scanner = ModelNameScanner()
        let reservation = HeldBytesBudget.Reservation(of: budget)
        var held: [[UInt8]] = []
        var heldBytes = 0
        while let piece = try await next(stream) {
            held.append(piece)
            heldBytes += piece.count
            switch scanner.scan(piece.span) {
            case .found(let name):
                let whole = PrefixedStream(held, then: stream, reservation)
                return NamedBody(modelName: name, body: .stream(whole, length: length), start: held[0])
            case .refused(let problem): throw .modelNotNamed(problem)
            case .needsMore: break
            }
            guard heldBytes <= maximumHeldBytes else { throw .modelNotInFirstPart(limitBytes: maximumHeldBytes) }
            guard reservation.grow(by: piece.count) else { throw .tooManyHeldBodies }
        }
        throw .modelNotNamed(scanner.problemAtEnd())
    }

    private static func next(_ stream: any ByteStream) async throws(Refusal) -> [UInt8]? {
        do {
            return try await stream.next()
        } catch {
            throw Task.isCancelled ? .clientGone : .bodyIncomplete
        }
    }
}

import HTTP
import Synchronization

/// A request's body while instances are tried. A transport that could not even connect gives the body up; as long as
/// nothing was taken of it, the next instance can still have it.
final class OfferedStream: ByteStream {
    private let source: any ByteStream
    private let isBegun = Atomic<Bool>(false)

    init(_ source: any ByteStream) { self.source = source }

    func next() async throws -> [UInt8]? {
        isBegun.store(true, ordering: .relaxed)
        return try await source.next()
    }

    /// Reaches the source only once something was taken.
    func cancel() {
        if isBegun.load(ordering: .relaxed) { source.cancel() }
    }

    /// No instance takes it.
    func withdraw() { source.cancel() }
}

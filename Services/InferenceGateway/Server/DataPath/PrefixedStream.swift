import HTTP
import Synchronization

/// A stream of which the beginning was read already.
final class PrefixedStream: ByteStream {
    private struct Held {
        var pieces: ArraySlice<[UInt8]>
        var reservation: HeldBytesBudget.Reservation?
    }

    private let held: Mutex<Held>
    private let rest: any ByteStream

    init(_ pieces: [[UInt8]], then rest: any ByteStream, _ reservation: HeldBytesBudget.Reservation) {
        held = Mutex(Held(pieces: pieces[...], reservation: reservation))
        self.rest = rest
    }

    func next() async throws -> [UInt8]? {
        if let piece = takeHeld() { return piece }
        return try await rest.next()
    }

    func cancel() {
        rest.cancel()
    }

    private func takeHeld() -> [UInt8]? {
        held.withLock { held in
            guard let piece = held.pieces.popFirst() else { return nil }
            if held.pieces.isEmpty {
                held.pieces = []
                held.reservation = nil
            }
            return piece
        }
    }
}

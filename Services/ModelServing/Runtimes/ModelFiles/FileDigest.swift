import Cryptography
import ModelServingCore
import Subprocess

/// The SHA-256 of a file of any size.
public enum FileDigest {
    static let pieceBytes = 1 << 20

    /// Reads the whole file, on the executor for work that takes its time. Stops when the task is cancelled.
    public static func sha256(of path: String) async throws(Failure) -> String {
        guard let reader = FileReader(path) else { throw Failure(.storageFailed, "cannot open \(path)") }
        var hasher = SHA256()
        while true {
            let piece: [UInt8]
            do throws(FileReader.ReadFailure) {
                piece = try reader.next(limitBytes: pieceBytes)
            } catch {
                throw Failure(.storageFailed, "cannot read \(path): \(error.reason)")
            }
            if piece.isEmpty { return hasher.finish().hex }
            hasher.update(piece)
            if Task.isCancelled { throw Failure(.internalFault, "hashing \(path) was given up") }
            await Task.yield()
        }
    }
}

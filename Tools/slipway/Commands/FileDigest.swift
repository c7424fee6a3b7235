import Cryptography
import FoundationEssentials

/// The digest and the size of a file on this machine.
struct FileDigest: Hashable, Sendable {
    /// Bytes hashed at once.
    private static let pieceSize = 1 << 20

    /// 64 lower-case hexadecimal digits.
    let sha256: String
    let sizeBytes: Int64

    /// Reads the file once. It is mapped, not loaded: models may be larger than the memory.
    static func of(_ path: String) throws(CommandFailure) -> FileDigest {
        guard LocalFile.size(path) != nil else {
            throw CommandFailure(.notFound, "There is no file \(path).")
        }
        do {
            let data = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
            var hasher = SHA256()
            for start in stride(from: 0, to: data.count, by: pieceSize) {
                hasher.update(data[start..<min(start + pieceSize, data.count)])
            }
            return FileDigest(sha256: hasher.finish().hex, sizeBytes: Int64(data.count))
        } catch {
            throw CommandFailure(.failed, "\(path) cannot be read: \(error).")
        }
    }
}

import CProcess
import Glibc

/// Writes a new file piece by piece.
public struct FileWriter: ~Copyable {
    private let descriptor: Int32

    /// Makes the file with mode 0600. Nil if it exists already or cannot be made.
    public init?(_ path: String) {
        descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return nil }
    }

    deinit { close(descriptor) }

    /// - Throws: `WriteFailure`, when the disk is full for example.
    public func write(_ bytes: [UInt8]) throws(WriteFailure) {
        var done = 0
        while done < bytes.count {
            let count = unsafe bytes[done...].withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw WriteFailure(reason: unsafe String(cString: strerror(errno))) }
            done += count
        }
    }

    public struct WriteFailure: Error, Hashable, Sendable {
        public let reason: String
    }
}

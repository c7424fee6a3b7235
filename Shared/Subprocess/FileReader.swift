import CProcess
import Glibc

/// Reads a file piece by piece, so that its size does not matter, and it may change meanwhile.
public struct FileReader: ~Copyable {
    private let descriptor: Int32

    /// Nil if it cannot be opened for reading.
    public init?(_ path: String) {
        descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
    }

    deinit { close(descriptor) }

    /// The next bytes, `limitBytes` at most; empty at the end.
    /// - Throws: `ReadFailure`.
    public func next(limitBytes: Int) throws(ReadFailure) -> [UInt8] {
        var count = 0
        let piece = unsafe [UInt8](unsafeUninitializedCapacity: limitBytes) { buffer, initialized in
            repeat {
                count = unsafe read(descriptor, buffer.baseAddress, limitBytes)
            } while count < 0 && errno == EINTR
            initialized = max(0, count)
        }
        guard count >= 0 else { throw ReadFailure(reason: unsafe String(cString: strerror(errno))) }
        return piece
    }

    /// Goes on at `offset` bytes from the start, or at the end if the file is shorter.
    public func seek(to offset: Int) { lseek(descriptor, offset, SEEK_SET) }

    public struct ReadFailure: Error, Hashable, Sendable {
        public let reason: String
    }
}

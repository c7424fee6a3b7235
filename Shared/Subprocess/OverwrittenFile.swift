import CProcess
import Glibc

/// A small file of a fixed size that is written over in its place, so that a full disk does not matter.
public struct OverwrittenFile: ~Copyable {
    private let descriptor: Int32

    /// Opens the file, or makes it with mode 0600. Nil if neither can be done.
    public init?(_ path: String) {
        descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return nil }
    }

    deinit { close(descriptor) }

    /// Writes over the first bytes with one call; a process that is killed has written all of them or none.
    public func write(_ bytes: [UInt8]) throws(FileWriter.WriteFailure) {
        var count = 0
        repeat {
            count = unsafe bytes.withUnsafeBytes { unsafe pwrite(descriptor, $0.baseAddress, $0.count, 0) }
        } while count < 0 && errno == EINTR
        guard count >= 0 else { throw FileWriter.WriteFailure(reason: unsafe String(cString: strerror(errno))) }
        guard count == bytes.count else { throw FileWriter.WriteFailure(reason: "only a part was written") }
    }
}

import CProcess
import Glibc

/// A file that only grows, until it is replaced by another: a write-ahead log.
public struct AppendOnlyFile: ~Copyable {
    private let descriptor: Int32

    /// Opens the file at its end, or makes it with mode 0600. Nil if neither can be done.
    public init?(_ path: String) {
        descriptor = unsafe open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return nil }
    }

    deinit { close(descriptor) }

    /// What was appended survives the end of this process; only `sync()` makes it survive that of the machine. After a
    /// failure the file may end with a part of `bytes`.
    /// - Throws: `WriteFailure`, when the disk is full for example.
    public func append(_ bytes: [UInt8]) throws(FileWriter.WriteFailure) {
        var done = 0
        while done < bytes.count {
            let count = unsafe bytes[done...].withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw FileWriter.WriteFailure(reason: unsafe String(cString: strerror(errno))) }
            done += count
        }
    }

    /// Takes back what was appended behind the first `sizeBytes` bytes: a line of which only a part was written.
    public func cut(to sizeBytes: Int) throws(FileWriter.WriteFailure) {
        guard ftruncate(descriptor, sizeBytes) == 0 else {
            throw FileWriter.WriteFailure(reason: unsafe String(cString: strerror(errno)))
        }
    }

    /// Returns when what was appended is on the disk.
    public func sync() throws(FileWriter.WriteFailure) {
        guard fdatasync(descriptor) == 0 else {
            throw FileWriter.WriteFailure(reason: unsafe String(cString: strerror(errno)))
        }
    }
}

/// Keeps other processes away from what a file stands for, until it is let go or this process ends in whatever way.
public struct FileLock: ~Copyable {
    private let descriptor: Int32

    /// Nil if another holds it, or the file cannot be made. The file stays when the lock is let go.
    public init?(_ path: String) {
        descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return nil }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            return nil
        }
    }

    deinit { close(descriptor) }
}

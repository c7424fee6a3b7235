import CProcess
import Glibc

/// What the kernel says about a file. It changes whenever somebody writes to the file.
public struct FileStatus: Hashable, Sendable, Codable {
    public let sizeBytes: Int
    public let number: UInt64
    /// Seconds since 1970, and the nanoseconds in it.
    public let modifiedSeconds: Int
    public let modifiedNanoseconds: Int

    /// Nil if there is no plain file. A link says what the file behind it is.
    public init?(_ path: String) {
        var status = stat()
        guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        sizeBytes = Int(status.st_size)
        number = UInt64(status.st_ino)
        modifiedSeconds = Int(status.st_mtim.tv_sec)
        modifiedNanoseconds = Int(status.st_mtim.tv_nsec)
    }

    /// The permission bits of a plain file, or of the file behind a link; nil if there is none.
    public static func permissions(of path: String) -> UInt32? {
        var status = stat()
        guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return status.st_mode & 0o7777
    }

    private enum CodingKeys: String, CodingKey {
        case number
        case sizeBytes = "size_bytes"
        case modifiedSeconds = "modified_seconds"
        case modifiedNanoseconds = "modified_nanoseconds"
    }
}

import CProcess
import FoundationEssentials
import Glibc

/// The file that a process writes its output to, kept from growing without end while the process writes on.
public struct OutputFile: Hashable, Sendable {
    /// Bytes of the file's end in which lines are looked for.
    static let maximumTailBytes = 4 << 20

    public let path: String
    /// Where the older half goes: `engine.log.1`.
    public var olderPath: String { path + ".1" }

    public init(_ path: String) { self.path = path }

    /// Bytes; 0 if there is no such file.
    public var size: Int { FileStatus(path)?.sizeBytes ?? 0 }

    /// Moves what is there to `olderPath`, if it is more than `limitBytes`. The process goes on writing to the same
    /// file, which was opened for appending; what it writes between the copy and the cut is lost.
    public func rotate(limitBytes: Int) {
        guard size > limitBytes else { return }
        try? FileManager.default.removeItem(atPath: olderPath)
        try? FileManager.default.copyItem(atPath: path, toPath: olderPath)
        unsafe truncate(path, 0)
    }

    /// Appends lines of our own to those of the process.
    public func append(_ text: String) {
        let descriptor = unsafe open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
    }

    /// The last `count` lines, from the older half too if need be. A line without an end counts; bytes that are no
    /// UTF-8 are replaced.
    public func lastLines(_ count: Int) -> [String] {
        let newer = tail(path)
        guard newer.count < count else { return Array(newer.suffix(count)) }
        return Array((tail(olderPath) + newer).suffix(count))
    }

    /// The lines at the end of the file, of `limitBytes` together at most; the first may be only the rest of a line.
    public func end(limitBytes: Int) -> [String] { tail(path, limitBytes: limitBytes) }

    private func tail(_ path: String, limitBytes: Int = maximumTailBytes) -> [String] {
        guard let reader = FileReader(path) else { return [] }
        let size = OutputFile(path).size
        reader.seek(to: max(0, size - limitBytes))
        var bytes: [UInt8] = []
        while bytes.count < limitBytes, let piece = try? reader.next(limitBytes: 65_536), !piece.isEmpty {
            bytes += piece
        }
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        guard !bytes.isEmpty else { return [] }
        return bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map {
            String(decoding: $0.last == UInt8(ascii: "\r") ? $0.dropLast() : $0, as: UTF8.self)
        }
    }
}

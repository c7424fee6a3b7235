import CProcess
import Glibc

/// Files whose size nobody knows beforehand.
enum ProcFile {
    /// At most `limitBytes` of the file; nil if it cannot be opened or read.
    static func read(_ path: String, limitBytes: Int) -> [UInt8]? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        while bytes.count < limitBytes {
            let wanted = min(16_384, limitBytes - bytes.count)
            var count = 0
            let piece = unsafe [UInt8](unsafeUninitializedCapacity: wanted) { buffer, initialized in
                count = unsafe Glibc.read(descriptor, buffer.baseAddress, wanted)
                initialized = max(0, count)
            }
            guard count >= 0 else { return nil }
            if count == 0 { break }
            bytes += piece
        }
        return bytes
    }
}

/// Files whose size nobody knows beforehand.
enum ProcFile {
    /// At most `limitBytes` of the file; nil if it cannot be opened or read.
    static func read(_ path: String, limitBytes: Int) -> [UInt8]? {
        guard let reader = FileReader(path) else { return nil }
        var bytes: [UInt8] = []
        while bytes.count < limitBytes {
            guard let piece = try? reader.next(limitBytes: min(16_384, limitBytes - bytes.count)) else { return nil }
            if piece.isEmpty { break }
            bytes += piece
        }
        return bytes
    }
}

import Glibc

/// The output and the error stream of the process, written without a buffer.
public enum StandardStream: Sendable {
    case output
    case error

    public var isTerminal: Bool { isatty(descriptor) == 1 }

    /// Writes all of `text`. What cannot be written is dropped.
    /// - Returns: false if that is so for another reason than that the reader has gone: a full disk, say.
    @discardableResult
    public func write(_ text: String) -> Bool { write(Array(text.utf8)) }

    /// The same with text that is there as bytes.
    @discardableResult
    public func write(_ text: [UInt8]) -> Bool {
        var bytes = text[...]
        while !bytes.isEmpty {
            let count = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 || errno == EINTR else { return errno == EPIPE }
            bytes = bytes.dropFirst(max(0, count))
        }
        return true
    }

    private var descriptor: Int32 {
        switch self {
        case .output: STDOUT_FILENO
        case .error: STDERR_FILENO
        }
    }
}

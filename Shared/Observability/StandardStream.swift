import Glibc

/// The output and the error stream of the process, written without a buffer.
public enum StandardStream: Sendable {
    case output
    case error

    public var isTerminal: Bool { isatty(descriptor) == 1 }

    /// Writes all of `text`. What cannot be written any more, because the reader has gone, is dropped.
    public func write(_ text: String) { write(Array(text.utf8)) }

    /// The same with text that is there as bytes.
    public func write(_ text: [UInt8]) {
        var bytes = text[...]
        while !bytes.isEmpty {
            let count = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 || errno == EINTR else { return }
            bytes = bytes.dropFirst(max(0, count))
        }
    }

    private var descriptor: Int32 {
        switch self {
        case .output: STDOUT_FILENO
        case .error: STDERR_FILENO
        }
    }
}

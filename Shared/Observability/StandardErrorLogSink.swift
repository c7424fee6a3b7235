import Glibc

/// Writes each line to standard error with one `write`, so that lines of several threads do not mix.
public struct StandardErrorLogSink: LogSink {
    public enum Format: String, Sendable, CaseIterable {
        case json
        case text
    }

    private let format: Format

    /// - Parameter format: nil chooses text on a terminal and JSON elsewhere.
    public init(format: Format? = nil) {
        self.format = format ?? (isatty(STDERR_FILENO) == 1 ? .text : .json)
    }

    public func write(_ line: LogLine) {
        let bytes = Array(((format == .json ? line.json : line.text) + "\n").utf8)
        // A log line that cannot be written has nobody to tell; the process goes on.
        _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}

import Glibc

/// Gives files other names.
public enum FileMove {
    public struct Failed: Error, Hashable, Sendable, CustomStringConvertible {
        public let description: String
    }

    /// Whoever opens `path` gets the old file or the new one, and never none. Both are in one file system.
    public static func replace(_ path: String, with source: String) throws(Failed) {
        guard unsafe rename(source, path) == 0 else {
            throw Failed(description: unsafe String(cString: strerror(errno)))
        }
    }
}

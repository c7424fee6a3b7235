import Glibc

/// A refusal of the kernel.
public struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
    /// An `errno` value.
    public let code: Int32

    public init(code: Int32) { self.code = code }

    static var last: Self { Self(code: errno) }

    public static let addressInUse = Self(code: EADDRINUSE)
    public static let brokenPipe = Self(code: EPIPE)
    public static let connectionRefused = Self(code: ECONNREFUSED)

    /// The system's words, such as "Connection refused".
    public var description: String {
        var text = [CChar](repeating: 0, count: 128)
        guard unsafe strerror_r(code, &text, text.count) == 0 else { return "error \(code)" }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

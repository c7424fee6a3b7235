/// The content of a message.
public enum HTTPBody: Sendable {
    case empty
    /// All of it, in memory. The engine hands over small bodies that arrived whole in this form.
    case bytes([UInt8])
    /// Pulled piece by piece. `length` in bytes if it is known before: then it goes out with Content-Length, else
    /// chunked.
    case stream(any ByteStream, length: Int?)

    public init(_ text: String) { self = .bytes(Array(text.utf8)) }

    /// How many bytes there will be, if that is known.
    public var length: Int? {
        switch self {
        case .empty: 0
        case .bytes(let bytes): bytes.count
        case .stream(_, let length): length
        }
    }
}

/// A body that is read as it arrives, by one reader. Reading slowly holds the sender back.
///
/// A class, which makes a body two words: messages are then handed on by counting references, without a call to find
/// out how to copy a body.
public protocol ByteStream: AnyObject, Sendable {
    /// The next bytes, never an empty array; nil at the end. Throws `HTTPBodyError`, after which nothing more comes.
    func next() async throws -> [UInt8]?

    /// Gives up on the rest: the source stops at once. Idempotent; does nothing after the end.
    func cancel()
}

/// Why a body ended before its end.
public enum HTTPBodyError: Error, Hashable, Sendable {
    /// The peer went away or broke the framing in mid-body.
    case incomplete(String)
    /// More bytes than the named limit.
    case tooLarge(limitBytes: Int)
    /// The peer sent, or took, less than the named minimum rate.
    case tooSlow(String)
    /// Of a response: the body of its request could not be sent whole, in which the server has no part.
    indirect case requestBodyFailed(HTTPBodyError)
    case cancelled
}

extension HTTPBody {
    /// The whole body, in memory.
    /// - Throws: `HTTPBodyError.tooLarge` above `limitBytes`, and what the stream throws.
    public func collect(limitBytes: Int) async throws -> [UInt8] {
        switch self {
        case .empty: return []
        case .bytes(let bytes):
            guard bytes.count <= limitBytes else { throw HTTPBodyError.tooLarge(limitBytes: limitBytes) }
            return bytes
        case .stream(let stream, let length):
            guard length ?? 0 <= limitBytes else {
                stream.cancel()
                throw HTTPBodyError.tooLarge(limitBytes: limitBytes)
            }
            var all: [UInt8] = []
            while let piece = try await stream.next() {
                guard all.count + piece.count <= limitBytes else {
                    stream.cancel()
                    throw HTTPBodyError.tooLarge(limitBytes: limitBytes)
                }
                all.append(contentsOf: piece)
            }
            return all
        }
    }
}

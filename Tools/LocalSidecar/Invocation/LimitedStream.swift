import HTTP
import Synchronization

/// A request body on its way through, which ends with an error when it exceeds a limit.
final class LimitedStream: ByteStream {
    private let stream: any ByteStream
    private let limitBytes: Int
    private let passed = Mutex(0)

    init(_ stream: any ByteStream, limitBytes: Int) {
        self.stream = stream
        self.limitBytes = limitBytes
    }

    var isOverLimit: Bool { passed.withLock { $0 > limitBytes } }

    func next() async throws -> [UInt8]? {
        guard let piece = try await stream.next() else { return nil }
        passed.withLock { $0 += piece.count }
        if isOverLimit {
            stream.cancel()
            throw HTTPBodyError.tooLarge(limitBytes: limitBytes)
        }
        return piece
    }

    func cancel() { stream.cancel() }
}

/// Bytes that are in memory already, sent as a stream: without a length.
final class BytesStream: ByteStream {
    private let bytes: Mutex<[UInt8]>

    init(_ bytes: [UInt8]) { self.bytes = Mutex(bytes) }

    func next() async throws -> [UInt8]? {
        bytes.withLock { bytes in
            defer { bytes = [] }
            return bytes.isEmpty ? nil : bytes
        }
    }

    func cancel() { bytes.withLock { $0 = [] } }
}

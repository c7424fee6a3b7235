import HTTP
import JSON
import Synchronization

/// The body of a watch.
final class WatchStream: ByteStream {
    private let kind: String
    private let namespace: String
    private let labels: [String: String]
    private let fields: [String: String]
    private let stream: AsyncStream<[UInt8]>
    private let continuation: AsyncStream<[UInt8]>.Continuation

    init(kind: String, namespace: String, labels: [String: String], fields: [String: String]) {
        self.kind = kind
        self.namespace = namespace
        self.labels = labels
        self.fields = fields
        (stream, continuation) = AsyncStream.makeStream()
    }

    func tell(_ event: ObjectStore.Event) {
        guard event.kind == kind, event.namespace == namespace else { return }
        let isIn = event.object.matches(labels: labels, fields: fields)
        let wasIn = event.previous?.matches(labels: labels, fields: fields) ?? false
        switch (wasIn, isIn) {
        case (false, false): return
        case (true, false): send("DELETED", event.object)
        case (false, true): send(event.type == "DELETED" ? "DELETED" : "ADDED", event.object)
        case (true, true): send(event.type, event.object)
        }
    }

    func bookmark(version: Int) {
        send("BOOKMARK", ["metadata": ["resourceVersion": .string(String(version))]])
    }

    func send(_ type: String, _ object: JSONValue) {
        let line = JSONWriter.bytes(["type": .string(type), "object": object]) + [UInt8(ascii: "\n")]
        // A line never comes as one piece, and a piece may end in the next line.
        continuation.yield(Array(line.prefix(line.count / 2)))
        continuation.yield(Array(line.dropFirst(line.count / 2)))
    }

    func end() { continuation.finish() }

    func next() async throws -> [UInt8]? {
        var iterator = stream.makeAsyncIterator()
        return await iterator.next()
    }

    func cancel() { continuation.finish() }
}

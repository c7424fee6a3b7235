import HTTP
import JSON

/// What happens to the objects of a query, as it happens. Dropping it ends the watch.
public struct KubernetesWatch: ~Copyable {
    public enum Event: Hashable, Sendable {
        /// It is new, or has changed.
        case changed(KubernetesObject)
        case deleted(KubernetesObject)
        /// Nothing, up to this version.
        case bookmark(resourceVersion: String)
    }

    /// Nil where the whole answer came at once.
    private let stream: (any ByteStream)?
    private let server: String
    private var lines = LineSplitter()

    init(_ body: HTTPBody, server: String) {
        self.server = server
        switch body {
        case .empty: stream = nil
        case .bytes(let bytes):
            stream = nil
            lines.append(bytes)
        case .stream(let source, _): stream = source
        }
    }

    /// The next event; nil when the server ends the watch, which it does in good time: begin another then.
    /// - Throws: `expired` if the version to go on from is no longer kept, `unreachable` when nothing comes any more.
    public mutating func next() async throws(KubernetesError) -> Event? {
        while true {
            if let line = try nextLine() { return try Self.event(line) }
            let piece: [UInt8]?
            do {
                piece = try await stream?.next()
            } catch {
                throw .broken(error, server: server)
            }
            guard let piece else { return nil }
            lines.append(piece)
        }
    }

    private mutating func nextLine() throws(KubernetesError) -> [UInt8]? {
        do throws(LineSplitter.LineTooLong) {
            return try lines.next()
        } catch {
            stream?.cancel()
            throw .malformedAnswer("a line of a watch is longer than \(LineSplitter.maximumLineBytes) bytes")
        }
    }

    private static func event(_ line: [UInt8]) throws(KubernetesError) -> Event {
        guard let value = try? JSONParser.parse(line), let object = value["object"] else {
            throw .malformedAnswer("a line of a watch is no event")
        }
        switch value["type"]?.stringValue {
        case "ADDED", "MODIFIED": return .changed(KubernetesObject(object))
        case "DELETED": return .deleted(KubernetesObject(object))
        case "BOOKMARK": return .bookmark(resourceVersion: KubernetesObject(object).resourceVersion)
        case "ERROR": throw .told(object, code: 500)
        default: throw .malformedAnswer("a watch told of an event of an unknown type")
        }
    }
}

extension KubernetesClient {
    /// After this long the server ends a watch by itself, so that load spreads and nothing hangs for ever.
    static let watchSeconds = 240
    /// A watch on which nothing came for so long, not even a bookmark, is given up: a server that is being shut down
    /// leaves its watches open and silent. Going on from the last version costs little.
    static let watchSilence: Duration = .seconds(100)

    /// Watches the objects of `query` from `resourceVersion` (a list's) on.
    /// - Returns: once the server has agreed.
    public func watch(
        _ query: KubernetesQuery, from resourceVersion: String
    ) async throws(KubernetesError) -> KubernetesWatch {
        let parameters =
            query.parameters + [
                ("watch", "true"), ("resourceVersion", resourceVersion), ("allowWatchBookmarks", "true"),
                ("timeoutSeconds", String(Self.watchSeconds)),
            ]
        let response = try await send(
            .get, query.kind.path(namespace: namespace), parameters, idle: Self.watchSilence)
        return KubernetesWatch(response.body, server: server)
    }
}

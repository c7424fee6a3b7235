import EventLoop
import HTTP
import HTTPServer
import JSON
import Kubernetes
import Synchronization

/// An API server that keeps its objects in memory, over real HTTP: with versions, watches, server-side apply,
/// finalizers, and everything that can go wrong on purpose.
///
/// The test plays whoever else works on the cluster: operators, the scheduler, the kubelet.
package final class FakeAPIServer: HTTPResponder {
    package static let namespace = "models"

    /// What a test may turn.
    package struct Behaviour: Sendable {
        /// Kinds that are installed, by their names in paths.
        package var kinds: Set<KubernetesKind> = [
            .pod, .service, .event, .deployment, .replicaSet, .endpointSlice, .rayService, .rayCluster,
        ]
        /// Rights that nobody has: `patch deployments.apps`.
        package var denied: Set<String> = []
        /// The only tokens that are taken; nil takes every caller.
        package var tokens: Set<String>?
        /// The next requests with this right are answered so.
        package var failures: [(right: String, answer: HTTPResponse)] = []
        /// Called before a request is answered, with its right.
        package var intercept: (@Sendable (String) async -> HTTPResponse?)?
        /// By pod.
        package var logs: [String: String] = [:]
        package var pageLimit = 500
    }

    struct State {
        var store = ObjectStore()
        var behaviour = Behaviour()
        var watches: [Int: WatchStream] = [:]
        var nextWatch = 0
        var counts: [String: Int] = [:]
        var observers: [AsyncStream<Event>.Continuation] = []
    }

    /// Something that happened to an object.
    package struct Event: Sendable {
        package let type: String
        package let kind: String
        package let object: KubernetesObject
    }

    let state = Mutex(State())
    private let group = EventLoopGroup(count: 1)
    private let server = Mutex<HTTPServer?>(nil)
    private let address = Mutex<UInt16>(0)

    package init() {}

    package var url: String { "http://127.0.0.1:\(address.withLock { $0 })" }

    /// Begins to listen, after `stop()` on the same port as before.
    package func start() async throws {
        let server = HTTPServer(responder: self, group: group)
        let port = address.withLock { $0 }
        let bound = try await server.start(host: "127.0.0.1", port: port)
        address.withLock { $0 = bound.port }
        self.server.withLock { $0 = server }
    }

    /// Goes away: nothing listens any longer, and every connection is cut.
    package func stop() async {
        let server = self.server.withLock { server in
            defer { server = nil }
            return server
        }
        cutWatches()
        await server?.drain(deadline: .zero)
    }

    package func shutDown() async {
        await stop()
        await group.shutdown()
    }

    package func configure(_ change: (inout Behaviour) -> Void) { state.withLock { change(&$0.behaviour) } }

    /// How many requests needed this right: `list deployments.apps`.
    package func count(_ right: String) -> Int { state.withLock { $0.counts[right] ?? 0 } }

    /// Ends every watch, as a server does that is restarted.
    package func cutWatches() {
        let watches = state.withLock { state in
            defer { state.watches = [:] }
            return state.watches
        }
        for watch in watches.values { watch.end() }
    }

    package var watchCount: Int { state.withLock { $0.watches.count } }

    /// Forgets old versions: whoever wants to go on from one is told that it has expired.
    package func compact() { state.withLock { $0.store.compact() } }

    /// Tells every watch how far it is.
    package func sendBookmarks() {
        state.withLock { state in
            for watch in state.watches.values { watch.bookmark(version: state.store.version) }
        }
    }

    /// Everything that happens from now on.
    package func events() -> AsyncStream<Event> {
        let (stream, continuation) = AsyncStream.makeStream(of: Event.self)
        state.withLock { $0.observers.append(continuation) }
        return stream
    }

    // MARK: what others do to the cluster

    package func objects(_ kind: KubernetesKind) -> [KubernetesObject] {
        state.withLock { $0.store.list(kind.plural, namespace: Self.namespace).map(KubernetesObject.init) }
    }

    package func object(_ kind: KubernetesKind, _ name: String) -> KubernetesObject? {
        state.withLock { $0.store.objects[Self.key(kind, name)].map(KubernetesObject.init) }
    }

    /// Creates an object, or puts its fields over those that are there.
    package func put(_ kind: KubernetesKind, _ name: String, _ object: JSONValue) {
        change { state in
            let key = Self.key(kind, name)
            if let old = state.store.objects[key] {
                let merged = old.merged(with: object, nullRemoves: true)
                _ = state.store.update(key, merged)
                if object["status"] != nil { _ = state.store.update(key, merged, isStatus: true) }
            } else {
                let created = state.store.create(
                    key, object, apiVersion: kind.apiVersion, kind: kind.name, now: Self.now())
                guard let status = object["status"] else { return }
                _ = state.store.update(
                    key, created.merged(with: ["status": status], nullRemoves: false), isStatus: true)
            }
        }
    }

    /// Writes the status, as an operator does; nil removes it.
    package func setStatus(_ kind: KubernetesKind, _ name: String, _ status: JSONValue?) {
        change { state in
            guard var object = state.store.objects[Self.key(kind, name)] else { return }
            object.set("status", status)
            _ = state.store.update(Self.key(kind, name), object, isStatus: true)
        }
    }

    package func setFinalizers(_ kind: KubernetesKind, _ name: String, _ finalizers: [String]) {
        put(kind, name, ["metadata": ["finalizers": .array(finalizers.map { .string($0) })]])
    }

    package func delete(_ kind: KubernetesKind, _ name: String) {
        change { _ = $0.store.delete(Self.key(kind, name), foreground: false, orphan: false, now: Self.now()) }
    }

    static func key(_ kind: KubernetesKind, _ name: String) -> ObjectStore.Key {
        ObjectStore.Key(kind: kind.plural, namespace: namespace, name: name)
    }

    static func now() -> String { "\(SystemTime.now())" }

    /// Changes the store, and tells watches and observers.
    func change<Result: Sendable>(_ body: (inout State) -> Result) -> Result {
        state.withLock { state in
            let before = state.store.version
            let result = body(&state)
            state.store.collectGarbage()
            for event in state.store.history where event.version > before {
                for watch in state.watches.values { watch.tell(event) }
                let told = Event(type: event.type, kind: event.kind, object: KubernetesObject(event.object))
                for observer in state.observers { observer.yield(told) }
            }
            return result
        }
    }
}

import Domain
import HTTP
import JSON
import Observability

/// The sidecars of one process, ready to be served.
struct Assembly: Sendable {
    struct Sidecar: Sendable {
        let instance: SidecarOptions.Instance
        let api: SidecarAPI
        let status: AppStatus
        /// The way to its own app; nil for an app that only calls.
        let channel: AppChannel?
    }

    /// What comes from outside of the options.
    struct Surroundings: Sendable {
        let transport: any HTTPTransport
        let apiToken: String?
        let appToken: String?
        let namespace: String?
        let hostName: String
        let clock: any Clock<Duration>
        let logger: Logger
        /// Ends the process.
        let shutDown: @Sendable () -> Void
    }

    let sidecars: [Sidecar]
    /// Every database once.
    let backends: [any StateBackend]

    /// - Throws: what is wrong with a component that may not be left out.
    init(
        _ options: SidecarOptions, _ resources: Resources, _ factory: consuming BackendFactory,
        _ surroundings: Surroundings
    ) async throws(ComponentFileError) {
        var backends: [String: any StateBackend] = [:]
        var failed: Set<String> = []
        for component in resources.components {
            do throws(ComponentFileError) {
                backends[component.name] = try await factory.backend(for: component)
                if backends[component.name] == nil, component.type != "secretstores.local.env" {
                    surroundings.logger.warning(
                        "a component has no effect here", ["component": component.name, "type": component.type])
                }
            } catch {
                guard component.ignoresErrors else { throw error }
                failed.insert(component.name)
                surroundings.logger.warning("a component is left out", ["error": error.description])
            }
        }
        self.backends = Array(backends.values)
        let statuses = options.instances.map { instance in
            AppStatus(isReady: instance.app == nil, isHealthy: options.healthCheck == nil)
        }
        let channels = zip(options.instances, statuses).map { instance, status in
            instance.app.map {
                AppChannel(
                    app: $0, status: status, transport: surroundings.transport, appToken: surroundings.appToken)
            }
        }
        let directory = Self.directory(options, channels, surroundings)
        let tracing = Tracing(samplingRate: resources.samplingRate)
        sidecars = zip(options.instances, zip(statuses, channels)).map { instance, parts in
            let (status, channel) = parts
            let visible = resources.components.filter { $0.isVisible(to: instance.appID) }
            let stores = visible.filter { backends[$0.name] != nil || failed.contains($0.name) }.map { component in
                StateStoreComponent(
                    name: component.name,
                    prefix: KeyPrefix(
                        strategy: component["keyPrefix"], appID: instance.appID, storeName: component.name,
                        namespace: surroundings.namespace),
                    backend: backends[component.name])
            }
            let api = SidecarAPI(
                appID: instance.appID,
                state: StateAPI(
                    appID: instance.appID, stores: Dictionary(uniqueKeysWithValues: stores.map { ($0.name, $0) }),
                    maximumBodyBytes: options.maximumBodyBytes),
                invocation: InvocationAPI(
                    appID: instance.appID, directory: directory, maximumBodyBytes: options.maximumBodyBytes,
                    tracing: tracing, takesToken: surroundings.apiToken != nil, hostName: surroundings.hostName),
                system: SystemAPI(
                    appID: instance.appID, app: instance.app,
                    components: visible.filter { !failed.contains($0.name) }.map { Self.metadata($0, backends) },
                    status: status),
                tracing: tracing, apiToken: surroundings.apiToken, readBufferBytes: options.readBufferBytes,
                shutDown: surroundings.shutDown)
            return Sidecar(instance: instance, api: api, status: status, channel: channel)
        }
    }

    private static func directory(
        _ options: SidecarOptions, _ channels: [AppChannel?], _ surroundings: Surroundings
    ) -> AppDirectory {
        var ways: [String: any InvocationChannel] = [:]
        for (appID, origin) in options.peers {
            ways[appID] = PeerChannel(
                appID: appID, peer: origin, transport: surroundings.transport, apiToken: surroundings.apiToken,
                clock: surroundings.clock)
        }
        for (instance, channel) in zip(options.instances, channels) { ways[instance.appID] = channel }
        return AppDirectory(ways)
    }

    private static func metadata(_ component: Component, _ backends: [String: any StateBackend]) -> JSONValue {
        var members: [(String, JSONValue)] = [
            ("name", .string(component.name)), ("type", .string(component.type)),
            ("version", .string(component.version)),
        ]
        if let backend = backends[component.name] {
            members.append(("capabilities", .array(backend.capabilities.map { .string($0) })))
        }
        return .object(JSONObject(members))
    }
}

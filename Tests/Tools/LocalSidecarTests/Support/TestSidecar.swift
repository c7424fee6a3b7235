import Domain
import EventLoop
import Foundation
import HTTP
import Observability
import TestSupport

@testable import LocalSidecar

/// Sidecars in this process, without sockets, on a folder of their own.
struct TestSidecar {
    let assembly: Assembly
    let time: ManualTime
    /// What `POST /v1.0/shutdown` asks for.
    let wasShutDown: Flag

    var api: SidecarAPI { assembly.sidecars[0].api }
    var transport: ResponderTransport { ResponderTransport(api) }

    final class Flag: Sendable {
        private let (stream, continuation) = AsyncStream<Void>.makeStream()
        func set() { continuation.yield() }
        func wait() async { for await _ in stream { return } }
    }

    init(
        _ arguments: String..., components: String, configuration: String? = nil, environment: [String: String] = [:],
        transport: any HTTPTransport = RecordedApps(), folder: TemporaryFolder, now: ManualTime = ManualTime()
    ) async throws {
        time = now
        try folder.write("resources/components.yaml", components)
        var all = arguments + ["--resources-path", folder.path("resources")]
        if let configuration {
            try folder.write("configuration.yaml", configuration)
            all += ["--config", folder.path("configuration.yaml")]
        }
        let options = try SidecarOptions(flags: DaprdFlags(all), environment: environment)
        let resources = try Resources(
            paths: options.resourcePaths, configurationFiles: options.configurationFiles, environment: environment)
        let flag = Flag()
        wasShutDown = flag
        let factory = BackendFactory(
            dataDirectory: folder.path("data"), databaseThread: EventLoopGroup(count: 1).next(), now: { now.now })
        assembly = try await Assembly(
            options, resources, factory,
            Assembly.Surroundings(
                transport: transport, apiToken: environment["DAPR_API_TOKEN"],
                appToken: environment["APP_API_TOKEN"], namespace: environment["NAMESPACE"], hostName: "sidecar",
                clock: InstantClock(), logger: Logger(sink: RecordingLogSink(), now: { now.now }),
                shutDown: { flag.set() }))
        for sidecar in assembly.sidecars { sidecar.status.isReady = true }
    }
}

/// Components as they were when the exchanges were recorded, on another database where the recorded one is not there.
enum RecordedComponents {
    /// On SQLite.
    static let text = text { name, table, prefix in sqlite(name, table: table, prefix: prefix) }

    static func text(on tables: PostgreSQLTables) -> String {
        text { name, table, prefix in tables.component(name, table: table, keyPrefix: prefix) }
    }

    /// Everything in memory.
    static let textInMemory = text { name, _, _ in
        "{kind: Component, metadata: {name: \(name)}, spec: {type: state.in-memory, version: v1}}"
    }

    private static func text(_ component: (_ name: String, _ table: String, _ keyPrefix: String) -> String) -> String {
        let memory = """
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata: {name: mem}
            spec: {type: state.in-memory, version: v1}
            """
        let prefixed = ["name", "none", "namespace"].flatMap { strategy in
            ["v1", "v2"].map { component("pg-\(strategy)-\($0)", "kp_\(strategy)_\($0)", strategy) }
        }
        return ([component("pg1", "pg1", "appid"), component("pg2", "pg2", "appid"), memory] + prefixed)
            .joined(separator: "\n---\n")
    }

    static func sqlite(_ name: String, table: String, prefix: String = "appid") -> String {
        """
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: {name: \(name)}
        spec:
          type: state.sqlite
          version: v1
          metadata:
          - {name: connectionString, value: state.db}
          - {name: tableName, value: \(table)}
          - {name: keyPrefix, value: \(prefix)}
        """
    }
}

import Dapr
import EventLoop
import Foundation
import HTTP
import HTTPClient
import Synchronization
import Testing
import TestSupport

/// The real program, over real sockets.
@Suite(.serialized) struct SidecarProcessTests {
    static let components = """
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: {name: statestore}
        spec:
          type: state.sqlite
          version: v1
          metadata: [{name: connectionString, value: statestore.db}]
        """

    private func client(_ port: UInt16, _ loops: EventLoopGroup) -> DaprClient {
        DaprClient(
            transport: KeepAliveClient(group: loops), sidecar: HTTPOrigin(host: "127.0.0.1", port: port),
            stateStoreName: "statestore", apiToken: "secret1")
    }

    @Test(.timeLimit(.minutes(3))) func losesNothingThatItAcknowledgedWhenItIsKilled() async throws {
        let folder = TemporaryFolder()
        let loops = EventLoopGroup(count: 1)
        try folder.write("components/statestore.yaml", Self.components)
        var acknowledged: Set<String> = []
        for round in 0..<4 {
            let process = try await SidecarProgram(folder)
            let client = client(process.port, loops)
            let before = try await readAll(client, acknowledged)
            #expect(before == acknowledged, "lost: \(acknowledged.subtracting(before))")
            acknowledged.formUnion(await writeUntilItIsKilled(client, process, round))
        }
        #expect(acknowledged.count > 40)
        let process = try await SidecarProgram(folder)
        #expect(try await readAll(client(process.port, loops), acknowledged) == acknowledged)
        #expect(await process.end(SIGTERM) == 0)
        await loops.shutdown()
    }

    private func readAll(_ client: DaprClient, _ keys: Set<String>) async throws -> Set<String> {
        try await Set(client.get(Array(keys)).keys)
    }

    /// Writes with several writers, kills the program in the middle, and returns what had been acknowledged by then.
    private func writeUntilItIsKilled(
        _ client: DaprClient, _ process: SidecarProgram, _ round: Int
    ) async -> Set<String> {
        let acknowledged = Acknowledged()
        await withTaskGroup { group in
            for writer in 0..<4 {
                group.addTask {
                    for number in 0..<1000 {
                        let key = "\(round)-\(writer)-\(number)"
                        do throws(DaprError) {
                            try await client.transact([
                                .upsert(key: key, value: Array("\(number)".utf8), condition: .insertOnly),
                                .upsert(key: "\(key)-side", value: Array("1".utf8), condition: .insertOnly),
                            ])
                        } catch {
                            return
                        }
                        if acknowledged.add([key, "\(key)-side"]) >= 40 { process.kill(SIGKILL) }
                    }
                }
            }
        }
        _ = await process.exitStatus()
        return acknowledged.keys
    }

    private final class Acknowledged: Sendable {
        private let all = Mutex<Set<String>>([])

        var keys: Set<String> { all.withLock { $0 } }

        /// How many there are then.
        func add(_ keys: [String]) -> Int {
            all.withLock { all in
                all.formUnion(keys)
                return all.count
            }
        }
    }

    @Test(.timeLimit(.minutes(3))) func servesOverSocketsAndEndsWhenItIsAskedTo() async throws {
        let folder = TemporaryFolder()
        let loops = EventLoopGroup(count: 1)
        try folder.write("components/statestore.yaml", Self.components)
        let process = try await SidecarProgram(folder)
        let client = client(process.port, loops)
        try await client.checkOutboundHealth()
        try await client.checkHealth()
        #expect(try await client.metadata().components.map(\.name) == ["statestore"])
        try await client.save("big", Array("\"\(String(repeating: "x", count: 3 << 20))\"".utf8))
        #expect(try await client.get("big")?.value.count == 3 << 20 + 2)
        await #expect(throws: DaprError.tooLarge("stream too large")) {
            try await client.save("big", Array("\"\(String(repeating: "x", count: 5 << 20))\"".utf8))
        }
        await #expect(throws: DaprError.tooLarge("the request's head is longer than the sidecar's read buffer")) {
            try await client.get(String(repeating: "k", count: 9000))
        }
        let wrong = DaprClient(
            transport: KeepAliveClient(group: loops), sidecar: HTTPOrigin(host: "127.0.0.1", port: process.port),
            stateStoreName: "statestore", apiToken: "wrong")
        await #expect(throws: DaprError.unauthorized) { try await wrong.get("k") }
        #expect(await process.end(SIGTERM) == 0)
        await loops.shutdown()
    }

    @Test(.timeLimit(.minutes(3))) func refusesToStartWithoutWhatItNeeds() async throws {
        let folder = TemporaryFolder()
        try folder.write("components/statestore.yaml", "kind: Component\nmetadata: {name: x}\nspec: {type: state.etcd}")
        await #expect(throws: SidecarProgram.DidNotStart.self) { try await SidecarProgram(folder) }
    }

    @Test(.timeLimit(.minutes(3))) func passesStreamsOnPieceByPiece() async throws {
        let folder = TemporaryFolder()
        let loops = EventLoopGroup(count: 1)
        try folder.write("components/statestore.yaml", Self.components)
        let app = DripApp()
        let server = try await app.start(on: loops)
        let process = try await SidecarProgram(folder, app: server.port)
        let client = client(process.port, loops)
        let response = try await client.invoke("app-a", HTTPRequest(.get, "/drip"), deadline: .seconds(60))
        guard case .stream(let stream, nil) = response.body else {
            Issue.record("the answer is no stream")
            return
        }
        for piece in ["one", "two", "three"] {
            app.send(piece)
            #expect(try await stream.next() == Array(piece.utf8))
        }
        app.finish()
        #expect(try await stream.next() == nil)
        #expect(await process.end(SIGTERM) == 0)
        await app.stop()
        await loops.shutdown()
    }
}

import Foundation
import JSON
import Synchronization
import TestSupport

/// The program as a process of its own, on a free port.
final class SidecarProgram: Sendable {
    struct DidNotStart: Error {
        let log: String
    }

    let port: UInt16
    private let process: Process
    private let exit: Task<Int32, Never>

    /// Returns when it listens.
    /// - Parameter app: the port of its app, if it has one.
    init(_ folder: TemporaryFolder, app: UInt16? = nil) async throws {
        let process = Process()
        process.executableURL = Self.executable
        process.arguments = [
            "--app-id", "app-a", "--dapr-http-port", "0", "--resources-path", folder.path("components"),
            "--log-as-json",
        ]
        if let app { process.arguments?.append(contentsOf: ["--app-port", "\(app)"]) }
        process.environment = ["SLIPWAY_DATA_DIR": folder.path("data"), "DAPR_API_TOKEN": "secret1"]
        let output = Pipe()
        process.standardError = output
        let (ended, continuation) = AsyncStream<Int32>.makeStream()
        process.terminationHandler = { process in
            continuation.yield(process.terminationStatus)
            continuation.finish()
        }
        try process.run()
        self.process = process
        exit = Task {
            for await status in ended { return status }
            return -1
        }
        port = try await Self.portOfLog(output.fileHandleForReading)
    }

    deinit { if process.isRunning { process.terminate() } }

    func kill(_ signal: Int32) { Glibc.kill(process.processIdentifier, signal) }

    func exitStatus() async -> Int32 { await exit.value }

    /// Sends the signal and waits for the end.
    func end(_ signal: Int32) async -> Int32 {
        kill(signal)
        return await exitStatus()
    }

    private static var executable: URL {
        // The tests are in a file beside the programs.
        let folder =
            Bundle.allBundles.map(\.bundleURL).first { $0.pathExtension == "xctest" }?
            .deletingLastPathComponent() ?? URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        return folder.appendingPathComponent("LocalSidecar")
    }

    private static func portOfLog(_ log: FileHandle) async throws -> UInt16 {
        let (pieces, continuation) = AsyncStream<Data>.makeStream()
        // Goes on reading after the port is known, so that the program never waits for its log. A thread of its own,
        // since a handler for when there is something to read is not always told of the end.
        Thread.detachNewThread {
            var piece = log.availableData
            while !piece.isEmpty {
                continuation.yield(piece)
                piece = log.availableData
            }
            continuation.finish()
        }
        var text = ""
        for await piece in pieces {
            text += String(decoding: piece, as: UTF8.self)
            for line in text.split(separator: "\n") {
                let value = try? JSONParser.parse(String(line))
                guard value?["message"] == "listening", let port = value?["port"]?.stringValue.flatMap(UInt16.init)
                else { continue }
                return port
            }
        }
        throw DidNotStart(log: text)
    }
}

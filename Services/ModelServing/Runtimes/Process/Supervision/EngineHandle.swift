import FoundationEssentials
import ModelServingCore
import Subprocess

/// What the process runtime persists of an instance.
struct EngineHandle: Hashable, Sendable, Codable {
    /// Nil until the engine was started.
    var process: ProcessIdentity?
    var port: UInt16?
    /// It has answered a health check. After a restart of ModelServing it is taken to be ready until it fails one.
    var wasReady = false

    private enum CodingKeys: String, CodingKey {
        case process, port
        case wasReady = "was_ready"
    }

    init(process: ProcessIdentity? = nil, port: UInt16? = nil, wasReady: Bool = false) {
        self.process = process
        self.port = port
        self.wasReady = wasReady
    }

    /// A handle that cannot be read is one that says nothing: the engine is then looked for by its marker.
    init(_ handle: RuntimeHandle?) {
        let read = handle.flatMap { try? JSONDecoder().decode(Self.self, from: Data($0.text.utf8)) }
        self = read ?? Self()
    }

    var persistent: RuntimeHandle {
        let encoder = JSONEncoder()
        // Always the same text for the same handle: a difference is written to the store.
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return RuntimeHandle((try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}")
    }
}

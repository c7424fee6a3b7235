import FoundationEssentials
import ModelServingCore
import Testing

@testable import ProcessRuntime

/// The logs in `Tests/Fixtures/vLLM` are those of vLLM 0.32, without stack frames and with other paths.
@Suite struct VLLMLogTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let log: String
        let reason: FailureReason
        let says: String
        var testDescription: String { log }
    }

    static let failures = [
        Row(log: "no-such-folder", reason: .modelFilesUnusable, says: "the model is no folder"),
        Row(log: "name-on-a-hub", reason: .modelFilesUnusable, says: "none are fetched from a hub"),
        Row(log: "empty-folder", reason: .modelFilesUnusable, says: "'/srv/models/empty'"),
        Row(log: "broken-configuration", reason: .modelFilesUnusable, says: "config.json' is not a valid JSON file"),
        Row(log: "unknown-architecture", reason: .modelNotSupported, says: "has model type `nope`"),
        Row(log: "no-tokenizer", reason: .modelFilesUnusable, says: "has no tokenizer"),
        Row(log: "no-weights", reason: .modelFilesUnusable, says: "Cannot find any model weights with"),
        Row(log: "broken-weights", reason: .modelFilesUnusable, says: "Error while deserializing header"),
        Row(log: "unknown-argument", reason: .engineRefusedConfiguration, says: "--no-such-flag"),
        Row(log: "too-long-a-context", reason: .engineRefusedConfiguration, says: "max_model_len (1000000)"),
        Row(log: "port-in-use", reason: .portInUse, says: "Address already in use"),
        Row(log: "too-little-memory", reason: .outOfMemory, says: "requested memory for kv (100.0 GiB)"),
        Row(
            log: "wrong-quantization", reason: .engineRefusedConfiguration, says: "the config file for awq"),
        Row(log: "too-many-devices", reason: .engineRefusedConfiguration, says: "Not enough allowed NUMA nodes"),
        Row(log: "no-adapter", reason: .modelFilesUnusable, says: "an adapter is not where its path says"),
    ]

    @Test(arguments: failures)
    func tellsWhyItEnded(row: Row) throws {
        let failure = try #require(VLLMLog.failure(in: try Self.lines(row.log)))
        #expect(failure.reason == row.reason)
        #expect(failure.message.contains(row.says), "\(failure.message)")
        #expect(!failure.message.contains("pid="), "\(failure.message)")
        #expect(!failure.operatorAction.isEmpty)
    }

    /// What its configuration or its files are to blame for is the same the next time.
    @Test(arguments: failures.filter { ![.portInUse, .outOfMemory].contains($0.reason) })
    func isNotTriedAgainInVain(row: Row) {
        #expect(row.reason.retryLimit == .never)
    }

    @Test func tellsTheLastErrorOfWhatItDoesNotKnow() throws {
        let log = """
            (Worker pid=5) ERROR 11-22 01:14:34 [multiproc_executor.py:953] RuntimeError: a new kind of trouble
            (EngineCore pid=4) ERROR 11-22 01:14:39 [core.py:1510] Exception: See stack trace for root cause.
            RuntimeError: Engine core initialization failed. See root cause above. Failed core proc(s): {}
            """
        let failure = try #require(VLLMLog.failure(in: log.split(separator: "\n").map(String.init)))
        #expect(failure.reason == .exitedBeforeReady)
        #expect(failure.message.hasSuffix("RuntimeError: a new kind of trouble"))
        #expect(VLLMLog.failure(in: ["nothing of note", "a line: with a colon"]) == nil)
    }

    @Test func tellsHowFarAStartIs() throws {
        let lines = try Self.lines("start")
        var phase = VLLMLog.Phase.importing
        var seen = [phase]
        for end in lines.indices {
            phase = VLLMLog.phase(in: Array(lines[max(0, end - 3)...end]), after: phase)
            if phase != seen.last { seen.append(phase) }
        }
        #expect(seen.map(\.words) == ["importing", "loading weights", "warming up", "ready"])
        #expect(VLLMLog.phase(in: lines, after: .importing) == .ready)
    }

    @Test func doesNotGoBack() throws {
        #expect(VLLMLog.phase(in: ["Starting to load model /m"], after: .warmingUp) == .warmingUp)
        #expect(VLLMLog.phase(in: [], after: .compiling) == .compiling)
    }

    static func lines(_ name: String) throws -> [String] {
        let text = try #require(FileManager.default.contents(atPath: path(name)))
        return String(decoding: text, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
            .map(String.init)
    }

    static func path(_ name: String) -> String {
        #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4).joined(separator: "/")
            + "/Fixtures/vLLM/\(name).log"
    }
}

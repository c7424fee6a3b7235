import ModelServingCore
import Subprocess

/// How far the start of an engine has come whose log can be read.
struct EngineProgress: Sendable {
    /// Of the log's end. A start of vLLM writes some 30 KiB, one with a compilation more.
    static let maximumLogBytes = 128 << 10
    /// Begins a line of ours in the log before each start: an earlier try has its own lines there.
    static let startMark = "slipway: start "

    private let kind: EngineConfiguration.Kind?
    private let log: OutputFile
    private var phase = VLLMLog.Phase.importing
    private var readBytes = 0

    /// - Parameter kind: nil for an engine whose log says nothing to us.
    init(of kind: EngineConfiguration.Kind?, log: OutputFile) {
        self.kind = kind
        self.log = log
    }

    /// For people; nil if nothing is known.
    var words: String? {
        switch kind {
        case .vllm: phase.words
        case nil: nil
        }
    }

    /// Reads what has come since.
    /// - Returns: whether it has come further.
    mutating func advance() -> Bool {
        switch kind {
        case .vllm:
            let size = log.size
            guard size != readBytes else { return false }
            readBytes = size
            let former = phase
            phase = VLLMLog.phase(in: linesOfThisStart, after: former)
            return phase != former
        case nil: return false
        }
    }

    /// Why it ended before it was ready, if the log tells.
    var failure: Failure? {
        switch kind {
        case .vllm: VLLMLog.failure(in: linesOfThisStart)
        case nil: nil
        }
    }

    private var linesOfThisStart: [String] {
        let lines = log.end(limitBytes: Self.maximumLogBytes)
        guard let start = lines.lastIndex(where: { $0.hasPrefix(Self.startMark) }) else { return lines }
        return Array(lines[start...])
    }
}

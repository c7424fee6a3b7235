import ModelServingCore

/// What vLLM's log says, for people who wait for it, and about why it ended.
///
/// The words are those of vLLM 0.32. Where another release has other words, a phase is not told and a failure is one
/// without an explanation.
enum VLLMLog {
    /// How far a start has come, in this order.
    enum Phase: Int, Hashable, Sendable, Comparable, CaseIterable {
        case importing
        case loadingWeights
        case compiling
        case warmingUp
        case ready

        static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

        var words: String {
            switch self {
            case .importing: "importing"
            case .loadingWeights: "loading weights"
            case .compiling: "compiling"
            case .warmingUp: "warming up"
            case .ready: "ready"
            }
        }

        /// What vLLM writes when it comes there.
        fileprivate var marks: [String] {
            switch self {
            case .importing: []
            case .loadingWeights:
                ["Starting to load model", "Loading safetensors checkpoint shards", "Loading weights took"]
            case .compiling:
                [
                    "Start compiling function", "Dynamo bytecode transform", "Compiling a graph", "torch.compile takes",
                    "Directly load the compiled graph", "Warming up model for the compilation",
                ]
            case .warmingUp:
                [
                    "Capturing CUDA graph", "Graph capturing finished", "KV cache size", "for KV cache on node",
                    "Warming up done", "init engine (profile, create kv cache, warmup model)", "Starting vLLM server",
                ]
            case .ready: ["Application startup complete"]
            }
        }
    }

    /// - Parameters:
    ///   - lines: the log's end.
    ///   - former: what was seen before: a start does not go back.
    static func phase(in lines: [String], after former: Phase) -> Phase {
        var phase = former
        for candidate in Phase.allCases where candidate > phase {
            if lines.contains(where: { line in candidate.marks.contains { line.contains($0) } }) { phase = candidate }
        }
        return phase
    }

    /// Why it ended before it was ready; nil if the log does not tell.
    static func failure(in lines: [String]) -> Failure? {
        for sign in signs {
            guard let line = lines.last(where: { $0.contains(sign.mark) }) else { continue }
            return Failure(sign.reason, "\(sign.meaning): \(spoken(line))")
        }
        guard let line = cause(in: lines) else { return nil }
        return Failure(.exitedBeforeReady, "vLLM ended before it was ready: \(spoken(line))")
    }

    private struct Sign {
        let mark: String
        let reason: FailureReason
        let meaning: String

        init(_ mark: String, _ reason: FailureReason, _ meaning: String) {
            self.mark = mark
            self.reason = reason
            self.meaning = meaning
        }
    }

    /// The first that is found counts, so what explains most stands first.
    private static let signs = [
        Sign("Address already in use", .portInUse, "another program listens on the port"),
        Sign("error: unrecognized arguments", .engineRefusedConfiguration, "this vLLM does not know an argument"),
        Sign("vllm serve: error: argument", .engineRefusedConfiguration, "vLLM does not take an argument's value"),
        Sign("vllm: error: argument", .engineRefusedConfiguration, "vLLM does not take an argument's value"),
        Sign(
            "greater than the derived max_model_len", .engineRefusedConfiguration,
            "context_length is more than the model was made for"),
        Sign("is not a valid JSON file", .modelFilesUnusable, "the model's config.json is broken"),
        Sign(
            "Transformers does not recognize this architecture", .modelNotSupported,
            "vLLM does not know this kind of model"),
        Sign("are not supported for now", .modelNotSupported, "vLLM does not know this kind of model"),
        Sign("Couldn't instantiate the backend tokenizer", .modelFilesUnusable, "the model's folder has no tokenizer"),
        Sign("Cannot find any model weights", .modelFilesUnusable, "the model's folder has no weights"),
        Sign("SafetensorError", .modelFilesUnusable, "the model's weights are broken"),
        Sign(
            "Invalid repository ID or local directory", .modelFilesUnusable,
            "the model's folder has no config.json in it"),
        Sign(
            "HFValidationError: Repo id must be", .modelFilesUnusable,
            "the model is no folder; vLLM wants one, as a .tar or .tar.gz file"),
        Sign(
            "outgoing traffic has been disabled", .modelFilesUnusable,
            "the model refers to files that are not in its folder, and none are fetched from a hub"),
        Sign("No available memory for the cache blocks", .outOfMemory, "the weights leave no memory for the cache"),
        Sign("on kv cache allocation is less than requested", .outOfMemory, "this machine lacks the memory"),
        Sign("is larger than the available KV cache memory", .outOfMemory, "context_length needs a larger cache"),
        Sign("OutOfMemoryError", .outOfMemory, "there is not enough memory"),
        Sign("is less than desired GPU memory utilization", .outOfMemory, "others use the GPU's memory"),
        Sign("Not enough allowed NUMA nodes", .engineRefusedConfiguration, "this machine cannot spread a replica so"),
        Sign("No adapter found for", .modelFilesUnusable, "an adapter is not where its path says"),
        Sign("MemoryError", .modelFilesUnusable, "the model's weights are broken, or larger than the memory"),
        Sign("Value error, ", .engineRefusedConfiguration, "vLLM does not take its configuration"),
    ]

    /// The last error that is not only told on by others.
    private static func cause(in lines: [String]) -> String? {
        let told = ["See root cause above", "See stack trace for root cause", "initialization failed"]
        return lines.last { line in
            !told.contains { line.contains($0) } && isError(spoken(line))
        }
    }

    private static func isError(_ words: String) -> Bool {
        let name = words.prefix { $0 != ":" }
        guard name.count < words.count, name.count <= 100 else { return false }
        return (name.hasSuffix("Error") || name.hasSuffix("Exception")) && !name.contains(" ")
    }

    /// A line without its process, level, time and place: `(Worker pid=7) ERROR 11-22 01:15:17 [core.py:15] `.
    static func spoken(_ line: String) -> String {
        var rest = line[...]
        if rest.hasPrefix("("), let end = rest.firstRange(of: ") ") { rest = rest[end.upperBound...] }
        if let level = ["ERROR ", "WARNING ", "INFO "].first(where: { rest.hasPrefix($0) }) {
            rest = rest.dropFirst(level.count)
            if let end = rest.firstRange(of: "] "), rest[..<end.lowerBound].count < 64 {
                rest = rest[end.upperBound...]
            }
        }
        if rest.contains("[type="), let end = rest.firstRange(of: " [type=") { rest = rest[..<end.lowerBound] }
        return String(rest.drop { $0 == " " }.prefix(400))
    }
}

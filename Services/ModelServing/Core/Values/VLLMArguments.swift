import Domain

/// The arguments of vLLM that a service may set.
///
/// An allow-list, since vLLM has hundreds and every release adds some: what could read or write files, open ports,
/// reach other machines or run code is not in it, and neither is what Slipway sets itself.
public enum VLLMArguments {
    /// What values an argument takes.
    public enum Rule: Hashable, Sendable {
        /// `--name`, or `--no-name`.
        case flag
        case integer(ClosedRange<Int64>)
        case number(ClosedRange<Double>)
        case choice([String])
        /// A name of something that vLLM has built in: small letters, digits, `_`, `-` and `.`.
        case word
    }

    /// Who reads an argument: the engine, which Ray Serve knows too, or vLLM's own server in front of it.
    public enum Reader: Hashable, Sendable {
        case engine
        case server
    }

    public struct Argument: Hashable, Sendable {
        public let rule: Rule
        public let reader: Reader
    }

    public static let dataTypes = ["auto", "bfloat16", "float", "float16", "float32", "half"]
    static let tokens: ClosedRange<Int64> = 1...16_777_216

    /// By their long names without dashes in front.
    public static let allowed: [String: Argument] = engineArguments.mapValues { Argument(rule: $0, reader: .engine) }
        .merging(serverArguments.mapValues { Argument(rule: $0, reader: .server) }) { engine, _ in engine }

    private static let engineArguments: [String: Rule] = [
        // Scheduling.
        "max-num-seqs": .integer(1...65_536),
        "max-num-batched-tokens": .integer(tokens),
        "max-num-queued-reqs": .integer(1...1_000_000),
        "max-num-queued-tokens": .integer(1...1_000_000_000),
        "long-prefill-token-threshold": .integer(0...16_777_216),
        "enable-chunked-prefill": .flag,
        "async-scheduling": .flag,
        "scheduling-policy": .choice(["fcfs", "priority"]),
        "stream-interval": .integer(1...1000),
        // Memory.
        "gpu-memory-utilization": .number(0.05...1),
        "kv-cache-memory-bytes": .integer(1...1 << 44),
        "kv-cache-dtype": .word,
        "block-size": .integer(1...1024),
        "num-gpu-blocks-override": .integer(1...1_000_000_000),
        "enable-prefix-caching": .flag,
        "cpu-offload-gb": .number(0...4096),
        // The model.
        "seed": .integer(0...4_294_967_295),
        "enforce-eager": .flag,
        "optimization-level": .integer(0...3),
        "performance-mode": .choice(["balanced", "interactivity", "throughput"]),
        "attention-backend": .word,
        "load-format": .choice(["auto", "dummy", "safetensors"]),
        "tokenizer-mode": .word,
        "runner": .choice(["auto", "generate", "pooling"]),
        "convert": .choice(["auto", "classify", "embed", "none"]),
        "generation-config": .choice(["auto", "vllm"]),
        "max-logprobs": .integer(-1...1_000_000),
        "logprobs-mode": .choice(["processed_logits", "processed_logprobs", "raw_logits", "raw_logprobs"]),
        "disable-sliding-window": .flag,
        "language-model-only": .flag,
        "skip-mm-profiling": .flag,
        "mm-processor-cache-gb": .number(0...4096),
        // Several devices.
        "enable-expert-parallel": .flag,
        "disable-custom-all-reduce": .flag,
        // Adapters.
        "max-loras": .integer(1...1024),
        "max-cpu-loras": .integer(1...4096),
        "max-lora-rank": .integer(1...512),
        "fully-sharded-loras": .flag,
        "lora-dtype": .choice(["auto", "bfloat16", "float16"]),
        "reasoning-parser": .word,
    ]

    private static let serverArguments: [String: Rule] = [
        "enable-auto-tool-choice": .flag,
        "tool-call-parser": .word,
        "exclude-tools-when-tool-choice-none": .flag,
        "chat-template-content-format": .choice(["auto", "openai", "string"]),
        "response-role": .word,
        "return-tokens-as-token-ids": .flag,
        "enable-prompt-tokens-details": .flag,
        "enable-force-include-usage": .flag,
        "enable-request-id-headers": .flag,
    ]

    /// What has another place, or belongs to Slipway.
    private static let elsewhere: [String: String] = [
        "max-model-len": "is set by context_length",
        "dtype": "is set by data_type",
        "quantization": "is set by quantization, beside arguments",
        "tensor-parallel-size": "is set by tensor_parallel_size, beside arguments",
        "pipeline-parallel-size": "is set by pipeline_parallel_size, beside arguments",
        "lora-modules": "is set by adapters",
        "enable-lora": "is set by adapters",
        "model": "is the service's model",
        "served-model-name": "is the service's name",
        "host": "is chosen by Slipway", "port": "is chosen by Slipway", "uds": "is chosen by Slipway",
        "api-key": "is not needed: the gateway checks who calls",
        "trust-remote-code": "would run code that comes with the model",
    ]

    /// Why these cannot be set so, under the field names of the request.
    public static func problems(with arguments: [String: EngineConfiguration.ArgumentValue]) -> [FieldProblem] {
        arguments.sorted { $0.key < $1.key }.compactMap { name, value in
            problem(with: name, value).map { FieldProblem(field: "/engine/arguments/\(name.prefix(64))", message: $0) }
        }
    }

    static func problem(with name: String, _ value: EngineConfiguration.ArgumentValue) -> String? {
        if let reason = elsewhere[name] { return reason }
        guard let argument = allowed[name] else {
            let nearest = nearest(to: name).map { "; the nearest that may is \"\($0)\"" } ?? ""
            return "is not among the arguments that a service may set\(nearest)"
        }
        return argument.rule.problem(with: value)
    }

    /// The allowed name that differs least, if it is not altogether another.
    static func nearest(to name: String) -> String? {
        let name = name.lowercased().replacing("_", with: "-").drop { $0 == "-" }
        let candidates = allowed.keys.sorted().map { (name: $0, distance: distance(Array(name), Array($0))) }
        guard let best = candidates.min(by: { $0.distance < $1.distance }) else { return nil }
        return best.distance <= max(3, best.name.count / 2) ? best.name : nil
    }

    /// Levenshtein's.
    private static func distance(_ one: [Character], _ other: [Character]) -> Int {
        var row = Array(0...other.count)
        for (index, character) in one.prefix(EngineConfiguration.maximumWordLength).enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for (column, otherCharacter) in other.enumerated() {
                let replaced = diagonal + (character == otherCharacter ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, row[column] + 1, diagonal + 1)
            }
        }
        return row[other.count]
    }
}

extension VLLMArguments.Rule {
    /// What is wrong with a value, as the end of a sentence.
    func problem(with value: EngineConfiguration.ArgumentValue) -> String? {
        switch (self, value) {
        case (.flag, .flag): return nil
        case (.flag, _): return "must be true or false"
        case (.integer(let range), .integer(let integer)) where range.contains(integer): return nil
        case (.integer(let range), _):
            return "must be a whole number from \(range.lowerBound) to \(range.upperBound)"
        case (.number(let range), .number(let number)) where range.contains(number): return nil
        case (.number(let range), .integer(let integer)) where range.contains(Double(integer)): return nil
        case (.number(let range), _): return "must be a number from \(range.lowerBound) to \(range.upperBound)"
        case (.choice(let words), .text(let text)) where words.contains(text): return nil
        case (.choice(let words), _): return "must be one of \(words.joined(separator: ", "))"
        case (.word, .text(let text)) where text.isWordOfVLLM: return nil
        case (.word, _): return "must be a name of small letters, digits, \"_\", \"-\" and \".\""
        }
    }
}

extension String {
    /// Nothing that could be a path, an option or JSON.
    var isWordOfVLLM: Bool {
        guard let first = utf8.first, first != UInt8(ascii: "-"), first != UInt8(ascii: ".") else { return false }
        guard utf8.count <= EngineConfiguration.maximumWordLength else { return false }
        return utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"),
                UInt8(ascii: "-"), UInt8(ascii: "."):
                true
            default: false
            }
        }
    }
}

import JSON

/// The flags of `slipway services create` and `update` that say the same of a service.
enum ServiceFields {
    static let resourceFlags: [Command.Flag] = [
        .init("cpu", value: "QUANTITY", "of each instance, as 500m or 2"),
        .init("memory", value: "QUANTITY", "of each instance, as 512Mi"),
        .init("gpu", value: "N", "devices of each instance"),
    ]
    static let deploymentFlags: [Command.Flag] = [
        .init(
            "engine", value: "WHAT", "vllm, a JSON object or a file with one; none: as the model definition file says"),
        .init("runtime-options", value: "JSON", "what only some runtimes know: a JSON object, or a file with one"),
    ]
    static let trafficFlags: [Command.Flag] = [
        .init(
            "balancing", value: "HOW", "least_outstanding (the default) or prefix_affinity: prompts alike go together"),
        .init("concurrency", value: "N", "requests that one instance is sent at once; none: as its engine takes"),
        .init("queue-length", value: "N", "requests that wait for an instance; none: as the gateway has it"),
        .init("queue-seconds", value: "N", "how long a request waits; none: as the gateway has it"),
    ]
    /// As the API has it. 0 stops the service and keeps it.
    static let replicas: ClosedRange<Int64> = 0...64
    /// What takes a limit away again.
    private static let noLimit = "none"
    private static let limits: [(flag: String, member: String, range: ClosedRange<Int64>)] = [
        ("concurrency", "concurrency", 1...10_000), ("queue-length", "queue_length", 0...10_000),
        ("queue-seconds", "queue_seconds", 1...600),
    ]

    /// The id of the model and its version that `--model MODEL[:VERSION]` says.
    static func model(
        _ text: String, _ client: PlatformClient
    ) async throws(CommandFailure) -> (id: JSONValue, version: JSONValue) {
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        let id = try await client.modelID(parts.first ?? text)
        return (.string(id), .string(parts.count == 2 ? parts[1] : "latest"))
    }

    /// What each instance needs: `current`, with what the flags say.
    static func requirements(_ arguments: ParsedArguments, over current: JSONValue? = nil) -> JSONObject {
        var needs = current?.objectValue ?? JSONObject()
        for resource in ["gpu", "cpu", "memory"] {
            if let quantity = arguments.string(resource) { needs[resource] = .string(quantity) }
        }
        return needs
    }

    /// What `--engine` and `--runtime-options` say; a word is an engine's kind.
    static func deployment(_ invocation: Invocation) throws(CommandFailure) -> [(name: String, value: JSONValue)] {
        var fields: [(name: String, value: JSONValue)] = []
        if let text = invocation.arguments.string("engine") {
            if text == "none" {
                fields.append(("engine", .null))
            } else if text.utf8.allSatisfy({ (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }) {
                fields.append(("engine", ["kind": .string(text)]))
            } else {
                fields.append(("engine", try object(text, "engine", invocation)))
            }
        }
        if let text = invocation.arguments.string("runtime-options") {
            fields.append(("runtime_options", try object(text, "runtime-options", invocation)))
        }
        return fields
    }

    private static func object(
        _ text: String, _ flag: String, _ invocation: Invocation
    ) throws(CommandFailure) -> JSONValue {
        let isInline = text.hasPrefix("{")
        let content = isInline ? text : try LocalFile.text(invocation.workingFolder.resolve(text))
        let place = isInline ? "--\(flag)" : "The file \(text)"
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONParser.parse(content)
        } catch {
            throw CommandFailure(.usage, "\(place) is no JSON: \(error.message), at byte \(error.offset).")
        }
        guard value.objectValue != nil else { throw CommandFailure(.usage, "\(place) holds no JSON object.") }
        return value
    }

    /// `current`, with what the flags say; nil if they say nothing of it.
    static func flowControl(
        _ arguments: ParsedArguments, over current: JSONValue? = nil
    ) throws(CommandFailure) -> JSONObject? {
        let said = limits.filter { arguments.string($0.flag) != nil }
        guard !said.isEmpty else { return nil }
        var flow = current?.objectValue ?? JSONObject()
        for limit in said {
            let isTakenAway = arguments.string(limit.flag) == noLimit
            flow[limit.member] =
                isTakenAway ? nil : try arguments.integer(limit.flag, in: limit.range).map { .integer($0) }
        }
        return flow
    }
}

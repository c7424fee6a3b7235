import HTTP
import JSON

/// The points of OpenAI's API that its clients rely on.
struct OpenAIConformance: Sendable {
    /// Long enough to be a stream, short enough for the slowest engine.
    static let maximumTokens: Int64 = 16

    let endpoint: ConformanceEndpoint
    private var report = ConformanceReport()

    init(_ endpoint: ConformanceEndpoint) { self.endpoint = endpoint }

    /// - Parameter model: by default the first that the endpoint lists.
    static func run(_ endpoint: ConformanceEndpoint, model: String?) async -> ConformanceReport {
        var run = OpenAIConformance(endpoint)
        let listed = await run.checkModels()
        await run.checkErrors()
        if endpoint.token != nil { await run.checkForeignToken(model ?? listed) }
        guard let model = model ?? listed else {
            run.report.skip("chat", because: "no --model, and none is listed")
            return run.report
        }
        await run.checkModel(model)
        await run.checkChat(model)
        await run.checkStream(model)
        await run.checkUsageInStream(model)
        await run.checkOthers(model)
        await run.checkBadChat(model)
        return run.report
    }

    private func chat(_ model: String, _ more: [(String, JSONValue)] = []) -> JSONValue {
        .object(
            JSONObject(
                [
                    ("model", .string(model)), ("max_tokens", .integer(Self.maximumTokens)),
                    ("messages", [["role": "user", "content": "Who are you?"]]),
                ] + more))
    }

    // MARK: Models

    /// - Returns: the first model of the list.
    private mutating func checkModels() async -> String? {
        let list = await endpoint.get("/v1/models")
        let models = list["data"]?.arrayValue
        report.check(
            "list of models", expect: #"200, object "list", data"#, list.words,
            list.status == 200 && list["object"] == "list" && models != nil)
        report.check(
            "entries of the list", expect: "id, object, created, owned_by", list.words,
            models?.allSatisfy(Self.isModel) == true)
        return models?.first?["id"]?.stringValue
    }

    private mutating func checkModel(_ model: String) async {
        let entry = await endpoint.get("/v1/models/\(PercentEncoding.encode(model))")
        report.check(
            "one model", .recommended, expect: "200, id, object, created, owned_by", entry.words,
            entry.status == 200 && entry.json.map(Self.isModel) == true && entry["id"] == .string(model))
    }

    private static func isModel(_ entry: JSONValue) -> Bool {
        entry["id"]?.stringValue != nil && entry["object"] == "model" && entry["created"]?.integerValue != nil
            && entry["owned_by"]?.stringValue != nil
    }

    // MARK: Answers

    private mutating func checkChat(_ model: String) async {
        let answer = await endpoint.post("/v1/chat/completions", chat(model))
        let choice = answer["choices"]?.arrayValue?.first
        report.check(
            "chat", expect: "200, id, object, created, choices[0].message", answer.words,
            answer.status == 200 && answer["id"]?.stringValue != nil && answer["object"] == "chat.completion"
                && answer["created"]?.integerValue != nil && choice?["message"]?["role"] == "assistant"
                && choice?["message"]?["content"]?.stringValue != nil)
        report.check(
            "chat, finish reason", expect: "a reason", JSONWriter.text(choice?["finish_reason"] ?? .null),
            choice?["finish_reason"]?.stringValue != nil)
        report.check(
            "chat, usage", expect: "prompt, completion and total tokens", JSONWriter.text(answer["usage"] ?? .null),
            Self.isUsage(answer["usage"]))
        report.check(
            "chat, model", .recommended, expect: model, answer["model"]?.stringValue ?? "none",
            answer["model"] == .string(model))
    }

    private mutating func checkStream(_ model: String) async {
        let answer = await endpoint.post("/v1/chat/completions", chat(model, [("stream", true)]))
        report.check(
            "stream", expect: "200 text/event-stream", answer.typeWords,
            answer.status == 200 && answer.contentType.hasPrefix("text/event-stream"))
        let events = Self.events(answer)
        let chunks = events.dropLast().map { try? JSONParser.parse(Array($0.utf8)) }
        report.check(
            "stream, chunks", expect: "every event but the last a chat.completion.chunk", events.first ?? "no events",
            !chunks.isEmpty && chunks.allSatisfy { $0?["object"] == "chat.completion.chunk" })
        report.check(
            "stream, text", expect: "content in deltas", "\(chunks.count) chunks",
            chunks.contains { $0?["choices"]?.arrayValue?.first?["delta"]?["content"]?.stringValue?.isEmpty == false })
        report.check(
            "stream, finish reason", expect: "in one chunk", "\(chunks.count) chunks",
            chunks.contains { $0?["choices"]?.arrayValue?.first?["finish_reason"]?.stringValue != nil })
        report.check("stream, end", expect: "data: [DONE]", events.last ?? "no events", events.last == "[DONE]")
    }

    private mutating func checkUsageInStream(_ model: String) async {
        let options: [(String, JSONValue)] = [("stream", true), ("stream_options", ["include_usage": true])]
        let events = Self.events(await endpoint.post("/v1/chat/completions", chat(model, options)))
        let last = events.dropLast().last.flatMap { try? JSONParser.parse(Array($0.utf8)) }
        report.check(
            "stream, usage", .recommended, expect: "a last chunk with usage and no choices",
            events.dropLast().last ?? "no events",
            last?["choices"]?.arrayValue?.isEmpty == true && Self.isUsage(last?["usage"]))
    }

    private mutating func checkOthers(_ model: String) async {
        let completion = await endpoint.post(
            "/v1/completions",
            ["model": .string(model), "prompt": "Hello", "max_tokens": .integer(Self.maximumTokens)])
        report.check(
            "completions", .recommended, expect: "200, choices[0].text", completion.words,
            completion.status == 200 && completion["object"] == "text_completion"
                && completion["choices"]?.arrayValue?.first?["text"]?.stringValue != nil)
        let embedding = await endpoint.post("/v1/embeddings", ["model": .string(model), "input": "Hello"])
        if embedding.status == 200 {
            report.check(
                "embeddings", .recommended, expect: "data[0].embedding", embedding.words,
                embedding["data"]?.arrayValue?.first?["embedding"]?.arrayValue?.isEmpty == false)
        } else {
            report.skip("embeddings", .recommended, because: "the model has none: \(embedding.words)")
        }
    }

    private static func isUsage(_ usage: JSONValue?) -> Bool {
        ["prompt_tokens", "completion_tokens", "total_tokens"].allSatisfy { usage?[$0]?.integerValue != nil }
    }

    private static func events(_ answer: ConformanceAnswer) -> [String] {
        var events = ServerSentEvents()
        return (try? events.feed(answer.bytes)) ?? []
    }

    // MARK: Errors

    private mutating func checkErrors() async {
        let unknown = chat(ConformanceEndpoint.unknownModel)
        let notFound = await endpoint.post("/v1/chat/completions", unknown)
        report.check("unknown model", expect: "404", notFound.words, notFound.status == 404)
        checkErrorObject("unknown model", notFound)
        report.check(
            "unknown model, code", .recommended, expect: "model_not_found",
            JSONWriter.text(notFound["error"]?["code"] ?? .null), notFound["error"]?["code"] == "model_not_found")
        let error = notFound["error"]?.objectValue
        report.check(
            "error object, members", .recommended, expect: "message, type, param, code", notFound.words,
            ["message", "type", "param", "code"].allSatisfy { error?[$0] != nil })
        let stream = await endpoint.post(
            "/v1/chat/completions", chat(ConformanceEndpoint.unknownModel, [("stream", true)]))
        report.check(
            "unknown model, streamed", expect: "404 application/json", stream.typeWords,
            stream.status == 404 && stream.contentType.hasPrefix("application/json"))
        let broken = await endpoint.post("/v1/chat/completions", bytes: Array(#"{"model":"#.utf8))
        report.check("broken JSON", expect: "400", broken.words, broken.status == 400)
        checkErrorObject("broken JSON", broken)
        let unnamed = await endpoint.post("/v1/chat/completions", ["messages": []])
        report.check("no model named", .recommended, expect: "400", unnamed.words, unnamed.status == 400)
        let get = await endpoint.get("/v1/chat/completions")
        report.check(
            "GET of chat", .recommended, expect: "404 or 405", get.words, get.status == 404 || get.status == 405)
    }

    private mutating func checkBadChat(_ model: String) async {
        let silent = await endpoint.post("/v1/chat/completions", ["model": .string(model)])
        report.check("no messages", expect: "400", silent.words, silent.status == 400)
        checkErrorObject("no messages", silent)
        let wrong = await endpoint.post("/v1/chat/completions", ["model": .string(model), "messages": "Hello"])
        report.check("messages of a wrong type", expect: "400", wrong.words, wrong.status == 400)
        let unknownPath = await endpoint.post("/v1/no-such-path", ["model": .string(model)])
        report.check("unknown path", expect: "404", unknownPath.words, unknownPath.status == 404)
    }

    private mutating func checkForeignToken(_ model: String?) async {
        guard let model else { return report.skip("wrong token", because: "no --model, and none is listed") }
        let anonymous = await endpoint.postWithoutToken("/v1/chat/completions", chat(model))
        guard anonymous.status != 200 else {
            return report.skip("wrong token", because: "the model answers without any")
        }
        report.check("no token", expect: "401", anonymous.words, anonymous.status == 401)
        checkErrorObject("no token", anonymous)
        let answer = await endpoint.post(
            "/v1/chat/completions", bytes: JSONWriter.bytes(chat(model)), token: "not-a-token-8d1f")
        report.check("wrong token", expect: "401", answer.words, answer.status == 401)
        checkErrorObject("wrong token", answer)
    }

    private mutating func checkErrorObject(_ name: String, _ answer: ConformanceAnswer) {
        report.check(
            "\(name), error object", expect: "application/json, error.message, error.type", answer.words,
            answer.contentType.hasPrefix("application/json") && answer["error"]?["message"]?.stringValue != nil
                && answer["error"]?["type"]?.stringValue != nil)
    }
}

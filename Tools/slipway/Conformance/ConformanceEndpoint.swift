import HTTP
import JSON
import Synchronization

/// The server that is checked. Whatever it does is an answer: nothing here fails.
struct ConformanceEndpoint: Sendable {
    /// Bytes of one answer.
    static let maximumAnswerSize = 16 << 20
    static let deadlines = HTTPDeadlines(connect: .seconds(5), firstByte: .seconds(30), idle: .seconds(30))
    /// A model may take its time for the first answer.
    static let modelDeadlines = HTTPDeadlines(connect: .seconds(5), firstByte: .seconds(120), idle: .seconds(60))
    /// For one answer, from the request to its end.
    static let answerLimit: Duration = .seconds(150)
    /// For all answers that do not come in time, together.
    static let patience: Duration = .seconds(300)
    /// No server has a model of this name.
    static let unknownModel = "no-such-model-8d1f"

    let transport: any HTTPTransport
    let origin: HTTPOrigin
    /// Of every path, such as `/services/iris`; empty as a rule.
    let prefix: String
    let token: String?
    private let wasted = WastedTime()

    /// - Parameter url: `http://host:port`, with a path if the protocol does not begin at the root.
    init(url: String, token: String?, transport: any HTTPTransport) throws(CommandFailure) {
        let scheme = url.firstRange(of: "://")
        let rest = scheme.map { url[$0.upperBound...] } ?? url[...]
        let pathStart = rest.firstIndex(of: "/") ?? rest.endIndex
        guard let origin = HTTPOrigin(String(url[..<pathStart])) else {
            throw CommandFailure(
                .usage, "\"\(url)\" is not the address of a server.", hints: ["Like this: http://127.0.0.1:8088"])
        }
        self.origin = origin
        let path = url[pathStart...]
        prefix = String(path.hasSuffix("/") ? path.dropLast() : path)
        self.token = token
        self.transport = transport
    }

    /// Why nobody is there; nil if somebody is, be it one who hangs up.
    func absence(at path: String) async -> String? {
        let answer = await get(path)
        return answer.end == .absent ? answer.fault : nil
    }

    func get(_ path: String) async -> ConformanceAnswer { await send(HTTPRequest(.get, prefix + path)) }

    func post(_ path: String, _ body: JSONValue) async -> ConformanceAnswer {
        await post(path, bytes: JSONWriter.bytes(body))
    }

    func postWithoutToken(_ path: String, _ body: JSONValue) async -> ConformanceAnswer {
        await send(
            HTTPRequest(
                .post, prefix + path, fields: ["Content-Type": "application/json"],
                body: .bytes(JSONWriter.bytes(body))), isAnonymous: true)
    }

    func post(
        _ path: String, bytes: [UInt8], _ fields: HTTPFields = ["Content-Type": "application/json"],
        token: String? = nil
    ) async -> ConformanceAnswer {
        await send(HTTPRequest(.post, prefix + path, fields: fields, body: .bytes(bytes)), token: token)
    }

    /// - Parameter token: instead of the endpoint's own.
    private func send(
        _ request: HTTPRequest, token: String? = nil, isAnonymous: Bool = false
    ) async -> ConformanceAnswer {
        var request = request
        if !isAnonymous, let token = token ?? self.token { request.fields.append("Authorization", "Bearer \(token)") }
        let first = await exchange(request)
        // Some servers close a kept connection just as the next request comes; that is not what is checked here.
        return first.end == .hungUp ? await exchange(request) : first
    }

    private func exchange(_ request: HTTPRequest) async -> ConformanceAnswer {
        guard wasted.duration < Self.patience else { return ConformanceAnswer(fault: "not asked any more: too slow") }
        let start = ContinuousClock.now
        let answer = await withTaskGroup(of: ConformanceAnswer.self) { group in
            group.addTask { await ask(request) }
            group.addTask {
                try? await Task.sleep(for: Self.answerLimit)
                return ConformanceAnswer(
                    fault: "the answer had no end in \(Self.answerLimit.components.seconds) s", .brokenOff)
            }
            let first = await group.next()
            group.cancelAll()
            return first ?? ConformanceAnswer(fault: "cancelled")
        }
        if answer.fault != nil { wasted.add(start.duration(to: .now)) }
        return answer
    }

    private func ask(_ request: HTTPRequest) async -> ConformanceAnswer {
        let deadlines = request.method == .get ? Self.deadlines : Self.modelDeadlines
        do throws(HTTPTransportError) {
            let response = try await transport.send(request, to: origin, deadlines: deadlines)
            do {
                let bytes = try await response.body.collect(limitBytes: Self.maximumAnswerSize)
                return ConformanceAnswer(status: response.status.code, fields: response.fields, bytes: bytes)
            } catch {
                return ConformanceAnswer(fault: "the answer broke off", .brokenOff)
            }
        } catch .failed(let reason) {
            return ConformanceAnswer(fault: "no answer: \(reason)", .hungUp)
        } catch {
            return ConformanceAnswer(fault: "no answer: \(error)")
        }
    }
}

/// What was waited for in vain.
private final class WastedTime: Sendable {
    private let time = Mutex(Duration.zero)

    var duration: Duration { time.withLock { $0 } }

    func add(_ duration: Duration) { time.withLock { $0 += duration } }
}

/// What came back, in the forms that checks look at.
struct ConformanceAnswer: Sendable {
    enum End: Sendable {
        case complete
        /// Nobody answered.
        case absent
        /// The connection ended before an answer began.
        case hungUp
        /// The answer began, and did not come to its end.
        case brokenOff
    }

    /// 0 if none came.
    let status: Int
    let fields: HTTPFields
    let bytes: [UInt8]
    /// Why none came.
    let fault: String?
    let end: End

    init(status: Int, fields: HTTPFields, bytes: [UInt8]) {
        self.status = status
        self.fields = fields
        self.bytes = bytes
        fault = nil
        end = .complete
    }

    init(fault: String, _ end: End = .absent) {
        status = 0
        fields = [:]
        bytes = []
        self.fault = fault
        self.end = end
    }

    var json: JSONValue? { try? JSONParser.parse(bytes) }

    subscript(name: String) -> JSONValue? { json?[name] }

    var contentType: String { fields["Content-Type"] ?? "none" }

    var isClientError: Bool { (400..<500).contains(status) }

    /// For the report, in one line.
    var words: String {
        if let fault { return fault }
        let text =
            bytes.allSatisfy { $0 >= 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
            ? String(decoding: bytes.prefix(200), as: UTF8.self) : "\(bytes.count) bytes"
        return "\(status) " + (text.isEmpty ? "without a body" : text)
    }

    var typeWords: String { fault ?? "\(status) \(contentType)" }
}

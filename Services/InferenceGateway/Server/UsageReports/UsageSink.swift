import Contracts
import FoundationEssentials
import HTTP

/// Sends reports to ModelServing.
struct UsageSink: Sendable {
    static let deadlines = HTTPDeadlines(connect: .seconds(1), firstByte: .seconds(5), idle: .seconds(2))
    private static let maximumAnswerBytes = 64 << 10

    enum Outcome: Hashable, Sendable {
        /// Counted, now or when it came before.
        case taken
        /// It will never be taken.
        case refused(String)
        /// Whether it was counted is not known: to be sent again.
        case failed(String)
    }

    let transport: any HTTPTransport
    let origin: HTTPOrigin
    let key: String

    func send(_ report: UsageReport) async -> Outcome {
        guard let body = try? JSONEncoder().encode(report) else { return .refused("the report cannot be written") }
        let fields: HTTPFields = [
            "Authorization": "Bearer \(key)", "Accept": "application/json", "Content-Type": "application/json",
        ]
        let request = HTTPRequest(.post, "/usage_reports", fields: fields, body: .bytes(Array(body)))
        do {
            let response = try await transport.send(request, to: origin, deadlines: Self.deadlines)
            // Read to its end, so that the connection can be used again.
            let text = try await response.body.collect(limitBytes: Self.maximumAnswerBytes)
            switch response.status.code {
            case 200..<300: return .taken
            case 400, 413, 422:
                return .refused("\(response.status): \(String(decoding: text.prefix(512), as: UTF8.self))")
            default: return .failed("\(origin) answers with status \(response.status)")
            }
        } catch {
            return .failed("\(origin) gives no answer: \(error)")
        }
    }
}

import Dapr
import Domain
import HTTP
import JSON
import ModelServingCore
import Observability
import Persistence

/// Another service of the control plane, called through the sidecar.
struct Neighbour: Sendable {
    static let deadline: Duration = .seconds(10)
    static let maximumAnswerBytes = 4 << 20

    let appID: String
    let invoker: any ServiceInvoker
    /// What it means that this neighbour cannot be asked.
    let unavailable: FailureReason
    /// The `Authorization` of whoever it is asked for. Nil if it is asked for this service itself, and its sidecar
    /// vouches for that. A secret.
    var authorization: String?

    /// An answer, with its body read.
    struct Answer: Sendable {
        let status: HTTPStatus
        let bytes: [UInt8]
        let json: JSONValue

        /// The words of a problem document.
        var problem: String {
            json["detail"]?.stringValue ?? json["title"]?.stringValue ?? "it answered with status \(status)"
        }
        var code: String { json["code"]?.stringValue ?? "" }
    }

    /// - Throws: a failure with the reason `unavailable` for anything but an answer that says more.
    func call(_ method: HTTPMethod, _ target: String, _ body: [UInt8]? = nil) async throws(Failure) -> Answer {
        var request = HTTPRequest(method, target, fields: ["Accept": "application/json"])
        if let authorization { request.fields.append("Authorization", authorization) }
        if let trace = TraceContext.current {
            var generator = SystemRandomNumberGenerator()
            request.fields.append("traceparent", trace.child(using: &generator).traceparent)
        }
        if let body {
            request.fields.append("Content-Type", "application/json")
            request.body = .bytes(body)
        }
        let response: HTTPResponse
        do throws(DaprError) {
            response = try await invoker.invoke(appID, request, deadline: Self.deadline)
        } catch {
            throw Failure(unavailable, "\(appID) cannot be asked: \(error.serviceError.problem.detail)")
        }
        let bytes: [UInt8]
        do {
            bytes = try await response.body.collect(limitBytes: Self.maximumAnswerBytes)
        } catch {
            throw Failure(unavailable, "the answer of \(appID) broke off")
        }
        let answer = Answer(status: response.status, bytes: bytes, json: (try? JSONParser.parse(bytes)) ?? .null)
        switch response.status.code {
        case 500..., 401, 429: throw Failure(unavailable, "\(appID) answers: \(answer.problem)")
        default: return answer
        }
    }
}

import Domain
import HTTP
import JSON
import Testing

struct ProblemTests {
    @Test(arguments: [
        (ServiceError.invalid("/name", "is required"), 400, "invalid_request"),
        (.unauthenticated("no"), 401, "unauthenticated"),
        (.permissionDenied("no"), 403, "permission_denied"), (.notFound(kind: "model", id: "x"), 404, "not_found"),
        (.conflict(code: "name_taken", message: "taken"), 409, "name_taken"),
        (.preconditionFailed("stale"), 412, "precondition_failed"), (.tooLarge("big"), 413, "too_large"),
        (.unsupportedContent("form"), 415, "unsupported_media_type"),
        (.unprocessable(code: "idempotency_key_reused", message: "other"), 422, "idempotency_key_reused"),
        (.rateLimited("slow", retryAfter: .seconds(3)), 429, "rate_limited"),
        (
            .unavailable(code: "sidecar_unavailable", message: "away", retryAfter: .milliseconds(1500)), 503,
            "sidecar_unavailable"
        ),
        (.deadlineExceeded("late"), 504, "deadline_exceeded"), (.internalFault(detail: "password=x"), 500, "internal"),
    ])
    func everyErrorHasItsStatusAndCode(error: ServiceError, status: Int, code: String) async throws {
        let response = error.problem.response(instance: "/models", traceID: "abc")
        #expect(response.status.code == status)
        #expect(response.fields["Content-Type"] == "application/problem+json")
        let document = try JSONParser.parse(try await response.body.collect(limitBytes: 4096))
        #expect(document["code"] == .string(code))
        #expect(document["status"] == .integer(Int64(status)))
        #expect(document["instance"] == "/models")
        #expect(document["trace_id"] == "abc")
    }

    @Test func theCauseOfAFaultStaysInTheLog() async throws {
        let response = ServiceError.internalFault(detail: "password=x").problem.response(instance: "/", traceID: "t")
        let text = String(decoding: try await response.body.collect(limitBytes: 4096), as: UTF8.self)
        #expect(!text.contains("password"))
    }

    @Test func retryAfterIsRoundedUpToWholeSeconds() {
        let error = ServiceError.unavailable(code: "x", message: "y", retryAfter: .milliseconds(1500))
        #expect(error.problem.response(instance: "/", traceID: "").fields["Retry-After"] == "2")
    }

    @Test func namesEachWrongField() async throws {
        let error = ServiceError.invalid([
            FieldProblem(field: "/a", message: "is required"), FieldProblem(field: "/b", message: "unknown field"),
        ])
        let body = try await error.problem.response(instance: "/", traceID: "").body.collect(limitBytes: 4096)
        let errors = try JSONParser.parse(body)["errors"]?.arrayValue
        #expect(errors == [["field": "/a", "message": "is required"], ["field": "/b", "message": "unknown field"]])
    }
}

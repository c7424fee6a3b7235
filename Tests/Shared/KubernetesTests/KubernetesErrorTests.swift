import HTTP
import JSON
import Testing

@testable import Kubernetes

/// Each answer is a real API server's.
struct KubernetesErrorTests {
    @Test(arguments: [
        ("discovery-missing-group", "unknownKind"), ("crd-missing-kind", "unknownKind"),
        ("get-missing", "notFound"), ("patch-missing", "notFound"), ("namespace-missing", "notFound"),
        ("create-again", "alreadyExists"), ("apply-conflict", "ownedByOthers"), ("put-stale", "conflict"),
        ("patch-merge-stale-rv", "conflict"), ("delete-precondition-uid", "conflict"),
        ("apply-no-fieldmanager", "invalid"), ("apply-unknown-field-strict", "refused"),
        ("apply-with-managedfields", "refused"), ("patch-strategic-on-cr", "refused"),
        ("list-bad-continue", "refused"), ("list-future-rv", "busy"), ("invalid-several", "invalid"),
        ("invalid-too-large", "tooLarge"), ("auth-none-api", "forbidden"), ("auth-bad-token", "unauthorized"),
        ("auth-broken-jwt", "unauthorized"), ("sa-forbidden-namespace", "forbidden"), ("delete-again", "notFound"),
        ("list-continue-expired", "expired"), ("watch-bad-rv", "busy"), ("watch-forbidden", "forbidden"),
        ("apply-create-needs-create", "forbidden"), ("deletecollection-forbidden", "forbidden"),
    ])
    func tellsWhatARealServerMeant(_ name: String, _ expected: String) throws {
        let error = try error(name)
        #expect(String(describing: Mirror(reflecting: error).children.first?.label ?? "") == expected, "\(error)")
        #expect(!error.message.isEmpty)
    }

    @Test func namesWhoOwnsAField() throws {
        guard case .ownedByOthers(_, let owners) = try error("apply-conflict") else {
            Issue.record("another error")
            return
        }
        #expect(owners.map(\.field) == [".spec.serveConfigV2"])
        #expect(owners.map(\.message) == [#"conflict with "serving""#])
    }

    @Test func dropsTheCauseThatSaysNothing() throws {
        guard case .invalid(_, let causes) = try error("invalid-several") else {
            Issue.record("another error")
            return
        }
        #expect(causes.count == 3)
        #expect(causes.allSatisfy { $0.field.hasPrefix("spec.") })
    }

    @Test func keepsTheWaitThatTheServerAsksFor() throws {
        #expect(
            try error("list-future-rv")
                == .busy(
                    "Timeout: Too large resource version: 999999999, current: 367", retryAfterSeconds: 1))
    }

    @Test func anAnswerOfAProxyIsToldShort() {
        let page = Array("<html>\n<body>\(String(repeating: "x", count: 5000))".utf8)
        let error = KubernetesError.answered(.badGateway, fields: [:], body: page, isApply: false)
        #expect(error.isPassing)
        #expect(error.message.count < 400)
        #expect(!error.message.contains("\n"))
    }

    private func error(_ name: String) throws -> KubernetesError {
        let answer = try RecordedAnswer.named(name)
        return .answered(
            HTTPStatus(answer.status), fields: answer.fields, body: answer.body,
            isApply: answer.contentType == KubernetesClient.applyContentType)
    }
}

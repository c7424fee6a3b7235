import Authentication
import ControlPlane
import Domain
import HTTP
import Testing

struct RequestAuthenticatorTests {
    private static let adminKey = "the-admin-key-of-these-tests"
    private static let gatewayKey = "the-gateway-key-of-these-tests"
    private static let appToken = "the-app-token-of-these-tests"
    private static let key = APIKey.make()

    private let authenticator: RequestAuthenticator

    init() throws {
        authenticator = RequestAuthenticator(
            adminKey: try PresharedKey(Self.adminKey, of: .admin),
            gatewayKey: try PresharedKey(Self.gatewayKey, of: .gateway), appToken: Self.appToken
        ) { digest in
            digest == Self.key.sha256 ? Principal(subject: "alice", credential: .apiKey(id: "7")) : nil
        }
    }

    private func principal(_ fields: HTTPFields) async throws(ServiceError) -> Principal {
        try await authenticator.principal(of: HTTPRequest(.get, "/", fields: fields))
    }

    private func bearer(_ token: String) async throws(ServiceError) -> Principal {
        try await principal(["Authorization": "Bearer \(token)"])
    }

    @Test func knowsItsCallers() async throws {
        #expect(try await bearer(Self.adminKey) == .admin)
        #expect(try await bearer(Self.gatewayKey) == .app("inference-gateway", .gatewayKey))
        #expect(try await bearer(Self.key.text) == Principal(subject: "alice", credential: .apiKey(id: "7")))
        let app = try await principal(["dapr-api-token": Self.appToken, "dapr-caller-app-id": "model-serving"])
        #expect(app == .app("model-serving"))
    }

    @Test func whoHandsOnTheCredentialsOfAUserIsThatUser() async throws {
        let user = try await principal([
            "dapr-api-token": Self.appToken, "dapr-caller-app-id": "model-serving",
            "Authorization": "Bearer \(Self.key.text)",
        ])
        #expect(user.subject == "alice")
    }

    @Test(arguments: [
        [],
        [("dapr-caller-app-id", "model-serving")],
        [("dapr-api-token", appToken)],
        [("dapr-api-token", "wrong"), ("dapr-caller-app-id", "model-serving")],
        [("dapr-api-token", ""), ("dapr-caller-app-id", "model-serving")],
        [("dapr-api-token", appToken), ("dapr-api-token", appToken), ("dapr-caller-app-id", "model-serving")],
        [("dapr-api-token", appToken), ("Dapr-Api-Token", "wrong"), ("dapr-caller-app-id", "model-serving")],
        [
            ("dapr-api-token", appToken), ("dapr-caller-app-id", "model-serving"),
            ("Dapr-Caller-App-Id", "model-serving"),
        ],
        [("dapr-api-token", appToken), ("dapr-caller-app-id", "model-serving"), ("dapr-caller-app-id", "other")],
        [("dapr-api-token", appToken), ("dapr-caller-app-id", "")],
        [("dapr-api-token", appToken), ("dapr-caller-app-id", "model-serving, other")],
        [("dapr-api-token", appToken), ("dapr-caller-app-id", "model serving")],
        [("dapr-api-token", appToken), ("dapr-caller-app-id", "mod\u{435}l-serving")],
        [("dapr-api-token", appToken), ("dapr-caller-app-id", String(repeating: "a", count: 65))],
        [("dapr-api-token", "wrong"), ("Authorization", "Bearer \(adminKey)")],
        [("Authorization", "Bearer \(appToken)")],
        [("Authorization", "Bearer \(adminKey)"), ("Authorization", "Bearer \(adminKey)")],
        [("Authorization", "Bearer \(adminKey), Bearer \(gatewayKey)")],
        [("Authorization", "Bearer a.b.c")],
        [("Authorization", "Bearer " + APIKey.make().text)],
        [("Authorization", "Bearer \(key.sha256)")],
        [("Authorization", "Bearer \(key.text.dropLast())")],
        [("X-Authorization", "Bearer \(adminKey)")],
        [("Proxy-Authorization", "Bearer \(adminKey)")],
        [("Cookie", "key=\(adminKey)")],
    ])
    func doesNotKnowOthers(fields: [(String, String)]) async throws {
        var all = HTTPFields()
        for (name, value) in fields { all.append(name, value) }
        let error = await #expect(throws: ServiceError.self) { try await principal(all) }
        guard case .unauthenticated(let words) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        for secret in [Self.adminKey, Self.gatewayKey, Self.appToken, Self.key.text, Self.key.sha256] {
            #expect(!words.contains(secret))
        }
    }

    @Test func withoutATokenOfItsOwnNoAppIsKnown() async throws {
        let authenticator = RequestAuthenticator(adminKey: try PresharedKey(Self.adminKey, of: .admin))
        for fields: HTTPFields in [
            ["dapr-caller-app-id": "model-serving"], ["dapr-api-token": "", "dapr-caller-app-id": "model-serving"],
            ["dapr-api-token": "x", "dapr-caller-app-id": "model-serving"],
        ] {
            await #expect(throws: ServiceError.self) {
                try await authenticator.principal(of: HTTPRequest(.get, "/", fields: fields))
            }
        }
    }

    @Test func tellsThatNobodyCanSayFromThatSomebodyIsUnknown() async throws {
        let away = ServiceError.unavailable(code: "x", message: "later", retryAfter: .seconds(1))
        let authenticator = RequestAuthenticator(adminKey: try PresharedKey(Self.adminKey, of: .admin)) {
            _ throws(ServiceError) in throw away
        }
        await #expect(throws: away) {
            try await authenticator.principal(
                of: HTTPRequest(.get, "/", fields: ["Authorization": "Bearer \(APIKey.make().text)"]))
        }
        let fields: HTTPFields = ["Authorization": "Bearer \(Self.adminKey)"]
        #expect(try await authenticator.principal(of: HTTPRequest(.get, "/", fields: fields)) == .admin)
    }
}

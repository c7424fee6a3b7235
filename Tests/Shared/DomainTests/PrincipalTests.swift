import Domain
import Testing

struct PrincipalTests {
    @Test(arguments: [
        "admin", "Admin", "ADMIN", "app:", "app:model-serving", "App:model-serving", "group:staff", "role:admin",
        "ROLE:admin", "app:\u{301}x",
    ])
    func keepsNamesForItself(subject: String) {
        #expect(Principal.isReserved(subject))
    }

    @Test(arguments: [
        "alice", "alice@example.com", "administrator", "admin2", "apps", "application:1", "my-role:admin", "user:admin",
        "group", "\u{430}dmin",
    ])
    func leavesTheOthersToUsers(subject: String) {
        #expect(!Principal.isReserved(subject))
    }

    @Test func tellsHowSomebodyShowedWhoTheyAre() {
        let credentials: [Principal.Credential] = [.adminKey, .gatewayKey, .apiKey(id: "7"), .jwt, .appToken]
        #expect(
            credentials.map(\.description) == ["admin_key", "gateway_key", "api_key:7", "jwt", "app_token"])
        #expect(Principal.app("model-serving").subject == "app:model-serving")
        #expect(Principal.admin.subject == "admin")
    }
}

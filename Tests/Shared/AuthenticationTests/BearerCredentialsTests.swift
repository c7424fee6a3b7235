import Authentication
import Domain
import HTTP
import Testing

struct BearerCredentialsTests {
    @Test(arguments: ["Bearer abc", "bearer abc", "BEARER abc", "Bearer  abc"])
    func readsOneToken(value: String) throws {
        #expect(try BearerCredentials.token(in: ["Authorization": value]) == "abc")
        #expect(try BearerCredentials.token(in: ["authorization": value]) == "abc")
    }

    @Test func readsNothingWhereNothingIs() throws {
        #expect(try BearerCredentials.token(in: ["Accept": "*/*"]) == nil)
    }

    @Test func takesTheSchemesThatItIsGiven() throws {
        let fields: HTTPFields = ["Authorization": "BackendAI abc"]
        #expect(try BearerCredentials.token(in: fields, schemes: ["Bearer", "BackendAI"]) == "abc")
        #expect(throws: ServiceError.self) { try BearerCredentials.token(in: fields) }
    }

    @Test(arguments: [
        "", "Bearer", "Bearer ", "abc", "Basic abc", "Bearerabc", "Bearer a b", "Bearer a,b", "Bearer a, Bearer b",
        "Bearer \u{7F}", "Bearer é", "Bearer \tabc", "Bearer " + String(repeating: "a", count: 4097),
    ])
    func refusesAnythingElse(value: String) {
        #expect(throws: ServiceError.self) { try BearerCredentials.token(in: ["Authorization": value]) }
    }

    @Test func refusesTwoFields() {
        let fields: HTTPFields = ["Authorization": "Bearer abc", "authorization": "Bearer abc"]
        #expect(throws: ServiceError.self) { try BearerCredentials.token(in: fields) }
    }
}

import Testing

@testable import InferenceGatewayCore

@Suite struct CredentialsTests {
    private func credentials(_ value: String) -> Credentials { Credentials(fieldValue: Array(value.utf8)[...]) }

    @Test(arguments: ["Bearer abc", "bearer abc", "BEARER abc", "BackendAI abc", "backendai abc", "Bearer   abc"])
    func takesATokenOfEitherScheme(value: String) {
        #expect(credentials(value) == .token(Array("abc".utf8)[...]))
    }

    @Test(arguments: [
        "", "Bearer", "Bearer ", "abc", "Basic abc", "Bearer a b", "Bearerabc", "Bearer\tabc", "Bearer: abc", " Bearer",
    ])
    func refusesAnythingElse(value: String) {
        #expect(credentials(value) == .unusable)
    }

    @Test func boundsTheToken() {
        let longest = String(repeating: "t", count: Credentials.maximumTokenBytes)
        #expect(credentials("Bearer \(longest)") == .token(Array(longest.utf8)[...]))
        #expect(credentials("Bearer \(longest)t") == .unusable)
    }
}

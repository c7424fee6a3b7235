import Domain

/// Believes the tokens of one issuer, by the keys that it has at the moment.
public struct JWTAuthentication: Sendable {
    /// When to come back while there are no keys.
    private static let retryAfter: Duration = .seconds(10)

    private let verifier: JWTVerifier
    private let keys: KeyRing
    private let now: @Sendable () -> Timestamp

    public init(_ rules: JWTRules, keys: KeyRing, now: @escaping @Sendable () -> Timestamp) {
        verifier = JWTVerifier(rules)
        self.keys = keys
        self.now = now
    }

    /// - Throws: `.unauthenticated` with the reason, which holds nothing of the token; `.unavailable` without keys.
    public func identity(of text: String) async throws(ServiceError) -> TokenIdentity {
        let token: JSONWebToken
        do throws(TokenProblem) {
            // What is no token at all makes nobody wait for keys.
            token = try JSONWebToken(text)
        } catch {
            throw Self.refusal(error)
        }
        var result = try await verify(token, isKeyMissing: false)
        if result == .failure(.unknownKey) { result = try await verify(token, isKeyMissing: true) }
        return try result.mapError(Self.refusal).get()
    }

    private static func refusal(_ problem: TokenProblem) -> ServiceError {
        .unauthenticated("The token \(problem.message).")
    }

    private func verify(
        _ token: JSONWebToken, isKeyMissing: Bool
    ) async throws(ServiceError) -> Result<TokenIdentity, TokenProblem> {
        let sets: [JSONWebKeySet]
        do throws(KeySetFailure) {
            sets = try await keys.keySets(whileMissingOne: isKeyMissing)
        } catch {
            // The cause is in the log: it names hosts and files.
            throw .unavailable(
                code: "token_keys_unavailable", message: "Tokens cannot be checked: their issuer's keys are not here.",
                retryAfter: Self.retryAfter)
        }
        var problem = TokenProblem.unknownKey
        for set in sets where problem == .unknownKey {
            do throws(TokenProblem) {
                return .success(try verifier.verify(token, with: set, at: now()))
            } catch {
                problem = error
            }
        }
        return .failure(problem)
    }
}

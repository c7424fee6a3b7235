import Domain
import Testing

@testable import InferenceGatewayCore

@Suite struct AdmissionTests {
    private static let now = Timestamp(millisecondsSinceEpoch: 1_000_000)

    /// Stands for SHA-256: the token's bytes, repeated to 32.
    private static func digest(_ token: some Collection<UInt8>) -> TokenDigest? {
        let bytes = Array(token)
        return TokenDigest((0..<32).map { bytes[$0 % bytes.count] })
    }

    private let admission = Admission(
        sha256: { AdmissionTests.digest($0) ?? TokenDigest.zero }, now: { AdmissionTests.now })
    private let table: RouteTable

    init() throws {
        let valid = try #require(Self.digest("valid".utf8))
        let later = try #require(Self.digest("later".utf8))
        let ended = try #require(Self.digest("ended".utf8))
        let other = try #require(Self.digest("other".utf8))
        let endedOther = try #require(Self.digest("ended-other".utf8))
        table = RouteTable(
            [
                .sample(
                    "private", isPublic: false,
                    tokens: [
                        valid: .never, later: .at(Self.now + .milliseconds(1)), ended: .at(Self.now),
                    ]),
                .sample("another", isPublic: false, tokens: [other: .never, endedOther: .at(Self.now + .seconds(-1))]),
                .sample("open"),
            ], after: nil)
    }

    private func token(_ text: String) -> Credentials { .token(Array(text.utf8)[...]) }

    private func refusal(_ credentials: Credentials, to route: ServiceRoute, in table: RouteTable) -> Refusal? {
        do throws(Refusal) {
            _ = try admission.admit(credentials, to: route, in: table)
            return nil
        } catch {
            return error
        }
    }

    @Test func aPublicServiceIsOpenToAnyone() throws {
        let open = try #require(table["open"])
        for credentials in [Credentials.none, .unusable, token("nonsense"), token("valid")] {
            #expect(throws: Never.self) { try admission.admit(credentials, to: open, in: table) }
        }
    }

    @Test func aPrivateServiceOpensToItsTokensOnly() throws {
        let route = try #require(table["private"])
        func refusal(_ credentials: Credentials) -> Refusal? { self.refusal(credentials, to: route, in: table) }
        #expect(refusal(token("valid")) == nil)
        #expect(refusal(token("valid")) == nil)
        #expect(refusal(token("later")) == nil)
        #expect(refusal(.none) == .tokenMissing(service: "private"))
        #expect(refusal(.unusable) == .tokenInvalid)
        #expect(refusal(token("nonsense")) == .tokenInvalid)
        #expect(refusal(token("ended")) == .tokenExpired)
        #expect(refusal(token("other")) == .tokenOfAnotherService(service: "private"))
        #expect(refusal(token("ended-other")) == .tokenInvalid)
    }

    @Test func aRevokedTokenIsRefusedAtOnceThoughItsDigestIsRemembered() throws {
        let route = try #require(table["private"])
        #expect(refusal(token("valid"), to: route, in: table) == nil)
        let revoked = RouteTable([.sample("private", isPublic: false)], after: table)
        let after = try #require(revoked["private"])
        #expect(refusal(token("valid"), to: after, in: revoked) == .tokenInvalid)
    }

    @Test func listsPublicServicesAndThoseThatTheTokenOpens() {
        func names(_ credentials: Credentials) -> [String] {
            admission.usable(by: credentials, in: table).map(\.name)
        }
        #expect(names(.none) == ["open"])
        #expect(names(.unusable) == ["open"])
        #expect(names(token("nonsense")) == ["open"])
        #expect(names(token("ended")) == ["open"])
        #expect(names(token("valid")) == ["open", "private"])
        #expect(names(token("other")) == ["another", "open"])
    }
}

extension TokenDigest {
    fileprivate static var zero: Self {
        guard let digest = Self([UInt8](repeating: 0, count: byteCount)) else { preconditionFailure("32 bytes") }
        return digest
    }
}

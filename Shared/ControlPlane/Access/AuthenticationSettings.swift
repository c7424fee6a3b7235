import Access
import Authentication
import Configuration
import Domain
import Observability

/// Whom a process of the control plane knows, as its settings say.
enum AuthenticationSettings {
    private static let maximumSkewSeconds = 3600
    private static let maximumOverlapSeconds = 604_800

    static let all: [Configuration.Setting] = [
        .init("SLIPWAY_ADMIN_KEY", isSecret: true, "the admin key"),
        .init("SLIPWAY_ADMIN_KEY_FILE", "file with the admin key, which only its owner may read"),
        .init("SLIPWAY_GATEWAY_KEY", isSecret: true, "the gateway's key"),
        .init("SLIPWAY_GATEWAY_KEY_FILE", "file with the gateway's key, which only its owner may read"),
        .init("SLIPWAY_JWT_ISSUER", "whose tokens are believed, as their claim iss names it"),
        .init("SLIPWAY_JWT_AUDIENCE", "what the claim aud of a token must name"),
        .init("SLIPWAY_JWKS_FILE", "file with the issuer's keys; read again when it changes"),
        .init("SLIPWAY_JWKS_URL", "where the issuer publishes its keys; fetched again every five minutes"),
        .init(
            "SLIPWAY_JWKS_OVERLAP_SECONDS", default: "300",
            "how long a key is still good after it is gone from the issuer's keys"),
        .init("SLIPWAY_JWT_SUBJECT_CLAIM", default: "sub", "the claim that says who somebody is"),
        .init("SLIPWAY_JWT_GROUPS_CLAIM", default: "groups", "the claim that lists groups, such as realm_access.roles"),
        .init("SLIPWAY_JWT_SKEW_SECONDS", default: "60", "how far the issuer's clock may be off"),
        .init("APP_API_TOKEN", isSecret: true, "token that the sidecar sends"),
    ]

    /// - Throws: what is wrong with the settings, for whoever starts the process.
    static func authenticator(
        _ parts: ControlPlaneParts, clock: any Clock<Duration>
    ) async throws -> RequestAuthenticator {
        let settings = parts.configuration
        let (access, now) = (parts.access, parts.now)
        let appToken = settings.optional("APP_API_TOKEN")
        if appToken == nil {
            parts.logger.warning(
                "services know each other by the admin key; with APP_API_TOKEN, here and at sidecars, by name"
            )
        }
        let gatewayKey = try PresharedKey.textIfSet(
            key: settings.optional("SLIPWAY_GATEWAY_KEY"), file: settings.optional("SLIPWAY_GATEWAY_KEY_FILE"),
            of: .gateway)
        return RequestAuthenticator(
            adminKey: try PresharedKey.load(
                key: settings.optional("SLIPWAY_ADMIN_KEY"), file: settings.optional("SLIPWAY_ADMIN_KEY_FILE"),
                of: .admin),
            gatewayKey: try gatewayKey.map { try PresharedKey($0, of: .gateway) },
            tokens: try await tokens(parts, clock), appToken: appToken
        ) { digest throws(ServiceError) in try access.owner(ofKey: digest, at: now()) }
    }

    /// Nil if no issuer is set.
    private static func tokens(
        _ parts: ControlPlaneParts, _ clock: any Clock<Duration>
    ) async throws -> JWTAuthentication? {
        let settings = parts.configuration
        let names = ["SLIPWAY_JWT_ISSUER", "SLIPWAY_JWT_AUDIENCE", "SLIPWAY_JWKS_FILE", "SLIPWAY_JWKS_URL"]
        let values = names.map(settings.optional)
        if values.allSatisfy({ $0 == nil }) { return nil }
        guard let issuer = values[0], let audience = values[1], (values[2] == nil) != (values[3] == nil) else {
            throw Configuration.Failure.invalid(
                "for tokens of an issuer, set SLIPWAY_JWT_ISSUER, SLIPWAY_JWT_AUDIENCE, and either SLIPWAY_JWKS_FILE "
                    + "or SLIPWAY_JWKS_URL")
        }
        let overlap = try settings.integer("SLIPWAY_JWKS_OVERLAP_SECONDS", in: 0...maximumOverlapSeconds)
        let rules = JWTRules(
            issuer: issuer, audience: audience,
            skew: .seconds(try settings.integer("SLIPWAY_JWT_SKEW_SECONDS", in: 0...maximumSkewSeconds)),
            subjectClaim: try settings.string("SLIPWAY_JWT_SUBJECT_CLAIM"),
            groupsClaim: try settings.string("SLIPWAY_JWT_GROUPS_CLAIM"))
        let keys: KeyRing
        if let url = values[3] {
            let source = try KeySetURL(url, transport: parts.transport, clock: clock)
            keys = ring(source, .ofURLs, .seconds(overlap), parts)
        } else {
            keys = ring(KeySetFile(path: values[2] ?? ""), .ofFiles, .seconds(overlap), parts)
            // An issuer may be away for a while; a file that cannot be used now is a mistake.
            _ = try await keys.keySets()
        }
        return JWTAuthentication(rules, keys: keys, now: parts.now)
    }

    private static func ring(
        _ source: any KeySetSource, _ usual: KeyRefreshTimes, _ overlap: Duration, _ parts: ControlPlaneParts
    ) -> KeyRing {
        var times = usual
        times.overlap = overlap
        let logger = parts.logger
        let isPublished = source is KeySetURL
        return KeyRing(source, times: times, now: parts.now) { event in
            switch event {
            case .loaded(let count, let haveSecrets):
                logger.info("keys of the issuer are loaded", ["keys": "\(count)"])
                if haveSecrets, isPublished {
                    logger.warning("the issuer's keys are secrets (kty oct): whoever reads them there can make tokens")
                }
            case .failed(let failure): logger.warning("keys of the issuer are not loaded", ["error": "\(failure)"])
            }
        }
    }
}

import Domain
import JSON

/// Whom a token must be from and for, and where it says who its bearer is.
public struct JWTRules: Hashable, Sendable {
    public static let defaultSkew: Duration = .seconds(60)

    public let issuer: String
    public let audience: String
    /// How far the clocks of the issuer and of this machine may be apart.
    public let skew: Duration
    /// The claim that names the subject.
    public let subjectClaim: String
    /// The claim that lists the groups, a path with dots such as `realm_access.roles`.
    public let groupsClaim: String

    public init(
        issuer: String, audience: String, skew: Duration = defaultSkew, subjectClaim: String = "sub",
        groupsClaim: String = "groups"
    ) {
        self.issuer = issuer
        self.audience = audience
        self.skew = skew
        self.subjectClaim = subjectClaim
        self.groupsClaim = groupsClaim
    }
}

/// Who a token says its bearer is.
public struct TokenIdentity: Hashable, Sendable {
    public let subject: String
    public let groups: [String]
    public let expiresAt: Timestamp
}

/// Decides whether a token is to be believed.
public struct JWTVerifier: Sendable {
    public static let maximumSubjectBytes = 256
    public static let maximumGroups = 256

    private let rules: JWTRules

    public init(_ rules: JWTRules) { self.rules = rules }

    /// - Throws: `TokenProblem`, as the end of a sentence that begins with "The token".
    public func verify(
        _ text: String, with keys: JSONWebKeySet, at now: Timestamp
    ) throws(TokenProblem) -> TokenIdentity {
        try verify(try JSONWebToken(text), with: keys, at: now)
    }

    func verify(
        _ token: JSONWebToken, with keys: JSONWebKeySet, at now: Timestamp
    ) throws(TokenProblem) -> TokenIdentity {
        // Before anything it says is looked at: a token nobody signed says nothing.
        guard try keys.key(for: token).verifies(token) else { throw TokenProblem("has a wrong signature") }
        let expiry = try checkTimes(token.claims, now)
        guard isEqual(token.claims["iss"], rules.issuer) else { throw TokenProblem("is from another issuer") }
        guard isForUs(token.claims["aud"]) else { throw TokenProblem("is for another audience") }
        guard let subject = token.claims[rules.subjectClaim]?.stringValue, isName(subject) else {
            throw TokenProblem("names no subject in its claim \(rules.subjectClaim)")
        }
        guard !Principal.isReserved(subject) else { throw TokenProblem("names a subject that no user may have") }
        return TokenIdentity(subject: subject, groups: try groups(token.claims), expiresAt: expiry)
    }

    private func checkTimes(_ claims: JSONObject, _ now: Timestamp) throws(TokenProblem) -> Timestamp {
        guard let expiry = try time(claims, "exp") else { throw TokenProblem("never expires") }
        guard now < expiry + rules.skew else { throw TokenProblem("has expired") }
        if let start = try time(claims, "nbf"), now + rules.skew < start { throw TokenProblem("is not valid yet") }
        if let issued = try time(claims, "iat"), now + rules.skew < issued { throw TokenProblem("is of the future") }
        return expiry
    }

    /// Seconds since 1970, with or without a fraction.
    private func time(_ claims: JSONObject, _ name: String) throws(TokenProblem) -> Timestamp? {
        let seconds: Double
        switch claims[name] {
        case nil: return nil
        case .integer(let number): seconds = Double(number)
        case .number(let number): seconds = number
        case .null, .bool, .string, .array, .object: throw TokenProblem("has no time in its claim \(name)")
        }
        // Up to the year 9999.
        guard (0...253_402_300_799).contains(seconds) else { throw TokenProblem("has no time in its claim \(name)") }
        return Timestamp(millisecondsSinceEpoch: Int64(seconds * 1000))
    }

    private func isEqual(_ claim: JSONValue?, _ wanted: String) -> Bool {
        claim?.stringValue.map { Array($0.utf8) == Array(wanted.utf8) } ?? false
    }

    private func isForUs(_ audience: JSONValue?) -> Bool {
        if let several = audience?.arrayValue { return several.contains { isEqual($0, rules.audience) } }
        return isEqual(audience, rules.audience)
    }

    /// None if there is no such claim.
    private func groups(_ claims: JSONObject) throws(TokenProblem) -> [String] {
        var value: JSONValue? = .object(claims)
        for name in rules.groupsClaim.split(separator: ".") { value = value?.objectValue?[String(name)] }
        guard let value else { return [] }
        let groups = (value.arrayValue ?? [value]).compactMap(\.stringValue)
        guard groups.count == value.arrayValue?.count ?? 1, groups.count <= Self.maximumGroups,
            groups.allSatisfy(isName)
        else {
            throw TokenProblem("has no list of at most \(Self.maximumGroups) names in its claim \(rules.groupsClaim)")
        }
        return groups
    }

    /// Visible, without what separates or ends things in policies, logs and headers.
    private func isName(_ text: String) -> Bool {
        (1...Self.maximumSubjectBytes).contains(text.utf8.count)
            && text.unicodeScalars.allSatisfy { scalar in
                scalar.value > 0x20 && scalar.value != 0x7F && scalar != "," && scalar != "\""
                    && !scalar.properties.isWhitespace && scalar.properties.generalCategory != .format
                    && scalar.properties.generalCategory != .control
            }
    }
}

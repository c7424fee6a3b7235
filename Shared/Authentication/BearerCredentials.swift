import Domain
import HTTP

/// What a request presents in its `Authorization` field.
public enum BearerCredentials {
    /// Bytes of a token at most; a JWT with many groups fits.
    public static let maximumLength = 4096

    /// The token behind one of `schemes`; nil if the request presents nothing at all.
    /// - Throws: `.unauthenticated` if there are several `Authorization` fields (a proxy and we might read different
    ///   ones), another scheme, or anything but one token behind it.
    public static func token(
        in fields: HTTPFields, schemes: [String] = ["Bearer"]
    ) throws(ServiceError) -> String? {
        let values = fields.values("Authorization")
        guard let value = values.first else { return nil }
        guard values.count == 1 else {
            throw .unauthenticated("There is more than one Authorization field.")
        }
        let scheme = value.prefix { $0 != " " }
        guard schemes.contains(where: { $0.lowercased() == scheme.lowercased() }) else {
            throw .unauthenticated("Send the credentials as: Authorization: \(schemes[0]) TOKEN")
        }
        let token = value.dropFirst(scheme.count).drop { $0 == " " }
        guard !token.isEmpty, token.utf8.count <= maximumLength, token.utf8.allSatisfy(isTokenCharacter) else {
            throw .unauthenticated("The Authorization field does not hold exactly one token.")
        }
        return String(token)
    }

    /// Visible ASCII but the comma, which separates credentials that somebody joined.
    private static func isTokenCharacter(_ byte: UInt8) -> Bool {
        (0x21...0x7E).contains(byte) && byte != UInt8(ascii: ",")
    }
}

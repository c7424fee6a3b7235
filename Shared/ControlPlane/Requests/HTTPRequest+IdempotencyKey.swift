import Cryptography
import Domain
import HTTP
import JSON

extension HTTPRequest {
    /// The request's Idempotency-Key; nil if it has none.
    ///
    /// The same key of another caller, or for another path, is another key. The content counts as JSON: white space
    /// does not matter.
    /// - Throws: `.invalid` if there are several, or it is not 1 to 255 visible ASCII characters.
    public func idempotencyKey(_ context: RequestContext, body: JSONValue) throws(ServiceError) -> IdempotencyKey? {
        let values = fields.values("Idempotency-Key")
        guard let key = values.first else { return nil }
        guard values.count == 1 else { throw .invalid("Idempotency-Key", "is given more than once") }
        guard (1...RequestLimits.maximumIdempotencyKeyLength).contains(key.utf8.count),
            key.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else {
            throw .invalid(
                "Idempotency-Key",
                "must be 1 to \(RequestLimits.maximumIdempotencyKeyLength) visible ASCII characters, such as a UUID")
        }
        let scope = [context.principal?.subject ?? "", method.rawValue, String(path), key]
        return IdempotencyKey(
            digest: SHA256.hash(scope.joined(separator: "\n")).hex,
            fingerprint: SHA256.hash(JSONWriter.bytes(body)).hex)
    }
}

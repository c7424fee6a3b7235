import Domain
import HTTP
import JSON

extension HTTPRequest {
    /// The body, as at most `RequestLimits.maximumBodyBytes` of JSON.
    public func json() async throws(ServiceError) -> JSONValue {
        try await json(limitBytes: RequestLimits.maximumBodyBytes)
    }

    /// Refuses query parameters, for routes that take none: a typing error should show.
    public func refuseQuery() throws(ServiceError) {
        _ = try QueryParameters(self, known: [])
    }
}

extension PathParameters {
    /// - Throws: `.invalid`, naming the parameter.
    public func identifier<Kind>(_ name: String, _ kind: Kind.Type = Kind.self) throws(ServiceError) -> Identifier<Kind>
    {
        guard let id = Identifier<Kind>(self[name]) else { throw .invalid(name, "must be a UUID") }
        return id
    }
}

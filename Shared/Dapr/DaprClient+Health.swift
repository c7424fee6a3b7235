import HTTP

extension DaprClient {
    /// Whether the sidecar's components are loaded and it can be called. It answers before this process listens: a
    /// process waits for this one when it starts, or both would wait for each other.
    /// - Throws: `.sidecarUnavailable` and what a call can end with.
    public func checkOutboundHealth() async throws(DaprError) {
        _ = try await call(HTTPRequest(.get, "/v1.0/healthz/outbound"), within: deadlines.health).orThrow()
    }

    /// Whether the sidecar is ready in both directions: this process's port is open too. It says nothing of the app's
    /// or the database's state later on.
    public func checkHealth() async throws(DaprError) {
        _ = try await call(HTTPRequest(.get, "/v1.0/healthz"), within: deadlines.health).orThrow()
    }
}

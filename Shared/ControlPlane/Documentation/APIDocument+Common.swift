import HTTP
import JSON

extension APIDocument {
    /// Whether every server of the control plane has the path.
    public static func isCommon(_ path: String) -> Bool { common.contains { $0.path == path } }

    /// What every server of the control plane answers besides its own API.
    static let common: [APIOperation] =
        [
            APIOperation(
                .get, "/healthz", .open, id: "live", "Whether the process runs.",
                responses: [.init(.ok, "It does.", ["type": "object"])]),
            APIOperation(
                .get, "/readyz", .open, id: "ready", "Whether it can do its work: sidecar and state store answer.",
                responses: [
                    .init(.ok, "It can.", ["type": "object"]), .init(.serviceUnavailable, "It cannot; errors say why."),
                ]),
            APIOperation(
                .get, "/metrics", .requires("metrics:read"), id: "metrics", "Counters in Prometheus' text format.",
                responses: [.init(.ok, "The counters.", ["type": "string"], mediaType: "text/plain")]),
            APIOperation(
                .get, "/openapi.json", .requires("documentation:read"), id: "openAPI", "This document.",
                responses: [.init(.ok, "The document.", ["type": "object"])]),
            APIOperation(
                .get, "/docs", .requires("documentation:read"), id: "documentation", "This document, to be read.",
                responses: [.init(.ok, "A page.", ["type": "string"], mediaType: "text/html")]),
            APIOperation(
                .get, "/dapr/config", .open, id: "sidecarConfiguration", "Asked by the sidecar.",
                responses: [.init(.ok, "Nothing to configure.", ["type": "object"])]),
            APIOperation(
                .get, "/dapr/subscribe", .open, id: "sidecarSubscriptions", "Asked by the sidecar.",
                responses: [.init(.ok, "No subscriptions.", ["type": "array"])]),
        ] + AccessRoutes.operations + APIKeyRoutes.operations
}

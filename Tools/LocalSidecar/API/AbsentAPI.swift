import HTTP
import JSON

/// What daprd answers for building blocks that have no component or no service behind them.
enum AbsentAPI {
    /// - Parameter segments: the decoded path. Nil if the path is none of these.
    static func answer(_ request: HTTPRequest, _ segments: [String], appID: String) -> SidecarError? {
        guard segments.count >= 3 else { return nil }
        let isPost = request.method == .post || request.method == .put
        switch (segments[0], segments[1]) {
        case ("v1.0", "actors"), ("v1.0", "workflows"):
            return SidecarError(.badRequest, "ERR_ACTOR_NO_PLACEMENT", "placement service is not configured")
        case ("v1.0", "configuration") where request.method == .get:
            return SidecarError(
                .internalServerError, "ERR_CONFIGURATION_STORE_NOT_CONFIGURED",
                "configuration stores not configured")
        case ("v1.0-alpha1", "lock") where isPost:
            return SidecarError(
                .internalServerError, "ERR_LOCK_STORE_NOT_CONFIGURED", "lock store is not configured")
        case ("v1.0-alpha1", "jobs") where isPost:
            return SidecarError(
                .internalServerError, "DAPR_SCHEDULER_SCHEDULE_JOB",
                "failed to schedule job due to: scheduler clients are disabled",
                details: [
                    [
                        "@type": "type.googleapis.com/google.rpc.ErrorInfo", "domain": "dapr.io",
                        "metadata": ["appID": .string(appID), "namespace": "default"],
                        "reason": "DAPR_SCHEDULER_SCHEDULE_JOB",
                    ]
                ])
        case ("v1.0", "bindings") where isPost:
            let name = segments[2]
            return SidecarError(
                .internalServerError, "ERR_INVOKE_OUTPUT_BINDING",
                "error invoking output binding \(name): couldn't find output binding \(name)")
        default: return nil
        }
    }
}

import HTTP
import JSON

/// What a sidecar asks an app when it starts. Neither actors nor subscriptions are in use, so that both answers are
/// empty; a sidecar that gets none logs an error.
struct SidecarRoutes: Sendable {
    /// `APP_API_TOKEN`.
    let token: String?

    var routes: [Route] {
        [
            Route.get("/dapr/config", .open) { _, _ in .json(.ok, [:]) },
            Route.get("/dapr/subscribe", .open) { _, _ in .json(.ok, []) },
        ].map { $0.behind(AppTokenMiddleware(token: token)) }
    }
}

import Synchronization

/// What a sidecar knows of its app.
final class AppStatus: Sendable {
    private let state: Mutex<(isReady: Bool, isHealthy: Bool)>

    /// - Parameters:
    ///   - isReady: true for a sidecar without an app, which has nothing to wait for.
    ///   - isHealthy: true if nobody checks.
    init(isReady: Bool, isHealthy: Bool) {
        state = Mutex((isReady, isHealthy))
    }

    /// The app's port has been open once. It stays so, as with daprd.
    var isReady: Bool {
        get { state.withLock { $0.isReady } }
        set { state.withLock { $0.isReady = newValue } }
    }

    /// The last health checks succeeded.
    var isHealthy: Bool {
        get { state.withLock { $0.isHealthy } }
        set { state.withLock { $0.isHealthy = newValue } }
    }
}

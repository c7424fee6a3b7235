import Domain
import Observability

/// Timestamps as the API server writes them: in whole seconds.
enum SystemTime {
    static func now() -> String {
        let text = SystemClock.now().description
        return "\(text.prefix(19))Z"
    }
}

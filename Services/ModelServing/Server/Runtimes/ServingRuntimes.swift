import Configuration
import ControlPlane
import Domain
import Lifecycle
import ModelServingCore

/// The runtimes of this installation: those whose settings are there.
struct ServingRuntimes {
    /// What one of them adds to the server.
    struct Part {
        let runtime: any Runtime
        var tasks: [any BackgroundTask]
        /// Nil if the server is of use without it.
        var check: ReadinessCheck?
    }

    private let parts: [Part]
    /// What keeps the others from being here.
    let missing: [RuntimeKind: String]

    var runtimes: [any Runtime] { parts.map(\.runtime) }
    var tasks: [any BackgroundTask] { parts.flatMap(\.tasks) }
    var checks: [ReadinessCheck] { parts.compactMap(\.check) }

    static let settings: [Configuration.Setting] =
        [
            .init(
                "SLIPWAY_INSTALLATION", default: Installation.defaultName,
                "tells installations that share a cluster apart; the same for all replicas, and never changed")
        ] + processSettings + raySettings + kubernetesSettings

    init(_ parts: ControlPlaneParts, _ ambient: Ambient) throws(Configuration.Failure) {
        let installation = try Installation(parts.configuration)
        var missing: [RuntimeKind: String] = [:]
        var found = [try Self.process(parts, ambient)]
        let clusters =
            [(kind: RuntimeKind.ray, built: try Self.ray(parts, installation, ambient))]
            + (try Self.kubernetes(parts, installation))
        for (kind, built) in clusters {
            switch built {
            case .built(let part): found.append(part)
            case .missing(let reason): missing[kind] = reason
            }
        }
        self.parts = found
        self.missing = missing
    }

    enum Built {
        case built(Part)
        case missing(String)
    }
}

/// One cell of the crash matrix: which process is killed at which moment of which step.
struct CrashCell: Sendable, CustomStringConvertible {
    enum Moment: String, CaseIterable, Sendable {
        case before, after
    }

    enum Victim: String, CaseIterable, Sendable {
        case serving = "ModelServing"
        case resources = "ResourceManagement"
        case models = "ModelManagement"
        case sidecar = "sidecar"
        case database = "PostgreSQL"
    }

    /// What the user asked for.
    enum Job: Sendable {
        case provisioning, deletion
    }

    struct Step: Sendable {
        let name: String
        let job: Job
    }

    /// Every write and every effect on the way from a request to a running service, and from there to nothing.
    static let steps =
        [
            "create", "enter-resolving", "resolve", "enter-claiming", "claim", "enter-deploying", "deploy",
            "write-handle", "enter-starting", "enter-running",
        ].map { Step(name: $0, job: .provisioning) }
        + [
            "request-deletion", "enter-stopping", "remove", "enter-releasing", "release", "enter-stopped",
            "remove-service",
        ].map { Step(name: $0, job: .deletion) }

    static func all(_ victims: [Victim]) -> [CrashCell] {
        steps.flatMap { step in
            Moment.allCases.flatMap { moment in
                victims.map { CrashCell(step: step, moment: moment, victim: $0) }
            }
        }
    }

    let step: Step
    let moment: Moment
    let victim: Victim

    var failpoint: String { "\(moment.rawValue)-\(step.name)" }

    var description: String { "\(victim.rawValue) killed \(moment.rawValue) \(step.name)" }
}

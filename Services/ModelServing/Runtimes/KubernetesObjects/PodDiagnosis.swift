import Domain
import Kubernetes
import ModelServingCore

/// What a pod's state means, in words for whoever wants the engine to run.
public enum PodDiagnosis: Hashable, Sendable {
    /// It comes up, and this is how far it is.
    case coming(String)
    case ready
    /// Its containers run, and the engine does not answer.
    case silent(String)
    /// It ended, and is started again.
    case restarting(Failure)
    /// It will not come up by itself.
    case hopeless(Failure)

    /// Starts of a container after which nobody expects better of the next.
    static let hopelessRestarts: Int64 = 2
    /// How long a registry may not give an image away without a word on why.
    static let imagePatience: Duration = .seconds(300)
    /// How long what a container needs (a Secret, for example) may be missing.
    static let configurationPatience: Duration = .seconds(120)

    public init(_ pod: PodState, at now: Timestamp) {
        let age = pod.createdAt.map { now - $0 } ?? .zero
        if pod.isReady {
            self = .ready
        } else if pod.phase == "Failed" {
            self = .hopeless(Self.end(of: pod))
        } else if let reason = pod.unschedulable {
            self = .coming("no node takes it: \(reason)")
        } else if let found = pod.containers.lazy.compactMap({ Self.trouble($0, age: age) }).first {
            self = found
        } else if let initial = pod.containers.first(where: { $0.isInitial && $0.phase == .running }) {
            self = .coming(Self.work(of: initial.name))
        } else if pod.containers.contains(where: { !$0.isInitial && $0.phase == .running }) {
            self = .silent("the engine runs and does not answer yet")
        } else {
            self = .coming(
                pod.node == nil ? "waiting for a node" : "its containers are being created on \(pod.node ?? "")")
        }
    }

    private static func work(of container: String) -> String {
        switch container {
        case ModelVolume.fetchContainer: "fetching the model file"
        case ModelVolume.checkContainer: "checking the model file"
        default: "\(container) runs before the engine"
        }
    }

    private static func trouble(_ container: ContainerState, age: Duration) -> Self? {
        switch container.phase {
        case .running: return nil
        case .ended(let end) where container.isInitial && end.exitCode == 0: return nil
        case .ended(let end): return after(end, container)
        case .waiting(let reason, let message): return waiting(reason, message, container, age: age)
        }
    }

    private static func waiting(
        _ reason: String, _ message: String, _ container: ContainerState, age: Duration
    ) -> Self? {
        let words = message.isEmpty ? reason : message
        switch reason {
        case "InvalidImageName", "ErrImageNeverPull":
            return .hopeless(Failure(.imageNotPulled, "the image cannot be used (\(reason)): \(words)"))
        case "ErrImagePull", "ImagePullBackOff", "RegistryUnavailable", "ImageInspectError":
            let isLost = ClusterWords.isMissingImage(message) || age > imagePatience
            return isLost
                ? .hopeless(Failure(.imageNotPulled, "the image cannot be pulled: \(words)"))
                : .coming("the image cannot be pulled yet: \(words)")
        case "CreateContainerConfigError", "CreateContainerError", "RunContainerError":
            return age > configurationPatience
                ? .hopeless(Failure(.deployFailed, "its container cannot be created (\(reason)): \(words)"))
                : .coming("its container cannot be created yet (\(reason)): \(words)")
        case "CrashLoopBackOff":
            guard let end = container.lastEnd else { return .coming("it ended and is started again: \(words)") }
            return after(end, container)
        default:
            guard container.restarts > 0, let end = container.lastEnd else { return nil }
            return after(end, container)
        }
    }

    private static func after(_ end: ContainerEnd, _ container: ContainerState) -> Self {
        let failure = failure(end, container)
        if container.isInitial, failure.reason == .digestMismatch || failure.reason == .modelFilesUnusable {
            return .hopeless(failure)
        }
        return container.restarts >= hopelessRestarts ? .hopeless(failure) : .restarting(failure)
    }

    private static func failure(_ end: ContainerEnd, _ container: ContainerState) -> Failure {
        let times = container.restarts > 0 ? " after \(container.restarts + 1) starts" : ""
        let tail = end.message.isEmpty ? "" : ": \(end.message)"
        switch (container.name, end.exitCode) {
        case (ModelVolume.checkContainer, Int64(ModelVolume.mismatchStatus)):
            return Failure(
                .digestMismatch, end.message.isEmpty ? "the model file is not what was registered" : end.message)
        case (ModelVolume.checkContainer, Int64(ModelVolume.unusableStatus)):
            return Failure(.modelFilesUnusable, end.message)
        case (ModelVolume.fetchContainer, _):
            return Failure(.downloadFailed, "the model file cannot be fetched (\(end.words))\(times)\(tail)")
        default:
            let reason: FailureReason = end.reason == "OOMKilled" ? .outOfMemory : .exitedBeforeReady
            return Failure(reason, "the container \(container.name) ended with \(end.words)\(times)\(tail)")
        }
    }

    private static func end(of pod: PodState) -> Failure {
        let ends = pod.containers.compactMap { container -> (ContainerEnd, ContainerState)? in
            if case .ended(let end) = container.phase, end.exitCode != 0 { return (end, container) }
            return nil
        }
        let why = [pod.reason, pod.message].compactMap(\.self).joined(separator: ": ")
        guard why.isEmpty, let (end, container) = ends.first else {
            return Failure(.vanished, "the pod \(pod.name) was ended\(why.isEmpty ? "" : " (\(why))")")
        }
        return failure(end, container)
    }
}

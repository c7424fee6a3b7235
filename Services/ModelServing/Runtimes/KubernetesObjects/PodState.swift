import Domain
import JSON
import Kubernetes
import ModelServingCore

/// What matters of a pod.
public struct PodState: Hashable, Sendable {
    public let name: String
    public let uid: String
    public let instance: ModelServiceInstanceID?
    public let service: ModelServiceID?
    public let node: String?
    public let phase: String
    /// Of the pod as a whole: `Evicted`, `NodeLost`, …
    public let reason: String?
    public let message: String?
    public let isReady: Bool
    public let isTerminating: Bool
    /// Nobody makes another in its place.
    public let isAlone: Bool
    public let createdAt: Timestamp?
    /// Why no node takes it; nil if one has.
    public let unschedulable: String?
    /// Those that run before the engine first.
    public let containers: [ContainerState]

    public init(_ pod: KubernetesObject) {
        name = pod.name
        uid = pod.uid
        instance = Ownership.instance(of: pod)
        service = Ownership.service(of: pod)
        node = pod.spec?["nodeName"]?.stringValue
        phase = pod.status?["phase"]?.stringValue ?? "Pending"
        reason = pod.status?["reason"]?.stringValue
        message = pod.status?["message"]?.stringValue
        isReady = pod.condition("Ready")?.isTrue ?? false
        isTerminating = pod.isTerminating
        isAlone = pod["metadata"]?["ownerReferences"]?.arrayValue?.isEmpty ?? true
        createdAt = pod.createdAt
        let scheduled = pod.condition("PodScheduled")
        unschedulable = scheduled?.isFalse == true && node == nil ? scheduled?.message : nil
        func states(_ field: String, isInitial: Bool) -> [ContainerState] {
            (pod.status?[field]?.arrayValue ?? []).map { ContainerState($0, isInitial: isInitial) }
        }
        containers =
            states("initContainerStatuses", isInitial: true) + states("containerStatuses", isInitial: false)
    }
}

/// What matters of a container.
public struct ContainerState: Hashable, Sendable {
    public enum Phase: Hashable, Sendable {
        case waiting(reason: String, message: String)
        case running
        case ended(ContainerEnd)
    }

    public let name: String
    /// It runs before the engine.
    public let isInitial: Bool
    public let isReady: Bool
    public let restarts: Int64
    public let phase: Phase
    /// Of the run before the present one.
    public let lastEnd: ContainerEnd?

    init(_ status: JSONValue, isInitial: Bool) {
        name = status["name"]?.stringValue ?? ""
        self.isInitial = isInitial
        isReady = status["ready"]?.boolValue ?? false
        restarts = status["restartCount"]?.integerValue ?? 0
        lastEnd = status["lastState"]?["terminated"].map(ContainerEnd.init)
        let state = status["state"]
        if let waiting = state?["waiting"] {
            phase = .waiting(
                reason: waiting["reason"]?.stringValue ?? "", message: waiting["message"]?.stringValue ?? "")
        } else if let end = state?["terminated"] {
            phase = .ended(ContainerEnd(end))
        } else {
            phase = state?["running"] == nil ? .waiting(reason: "", message: "") : .running
        }
    }
}

/// How a container ended.
public struct ContainerEnd: Hashable, Sendable {
    public let exitCode: Int64
    public let signal: Int64?
    /// `OOMKilled`, `Error`, `Completed`, `ContainerCannotRun`, …
    public let reason: String
    /// What it left, or the end of its log.
    public let message: String

    init(_ value: JSONValue) {
        exitCode = value["exitCode"]?.integerValue ?? -1
        signal = value["signal"]?.integerValue.flatMap { $0 == 0 ? nil : $0 }
        reason = value["reason"]?.stringValue ?? ""
        message = value["message"]?.stringValue ?? ""
    }

    /// For people: `exit status 1`.
    public var words: String {
        switch (reason, signal) {
        case ("OOMKilled", _): "killed for using more memory than its limit"
        case (_, let signal?): "signal \(signal)"
        case ("ContainerCannotRun", _), ("StartError", _): "it could not be started"
        default: "exit status \(exitCode)"
        }
    }
}

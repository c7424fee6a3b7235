import Domain
import Kubernetes
import KubernetesObjects
import ModelServingCore

/// Everything that is seen of an instance at one moment, and what it comes to.
struct InstanceView {
    let workload: WorkloadState
    let pods: [PodState]
    let handle: ClusterHandle
    let startLimit: Duration
    let url: String
    let now: Timestamp
    /// Since when the cluster has been heard without a break.
    var heardSince: Timestamp?
    /// What events say of pods that have nothing to say themselves.
    var notes: [String: String] = [:]

    func observation() -> Observation {
        let living = pods.filter { !$0.isTerminating }
        let ready = living.filter(\.isReady)
        let diagnoses = living.filter { !$0.isReady }.map { (pod: $0, diagnosis: PodDiagnosis($0, at: now)) }
        var handle = handle
        if !ready.isEmpty, ready.count >= workload.replicas { handle.wasReady = true }
        let answers = handle.wasReady && !ready.isEmpty
        handle.unreadySince = !handle.wasReady || answers ? nil : (handle.unreadySince ?? now)
        let words = words(diagnoses)
        let state: Observation.State
        if answers {
            state = .ready
        } else if handle.wasReady {
            state = lost(diagnoses.map(\.diagnosis), since: handle.unreadySince ?? now, words)
        } else {
            state = coming(diagnoses.map(\.diagnosis), words)
        }
        return Observation(
            state, handle: handle.persistent, url: url, node: ready.compactMap(\.node).min(),
            message: message(words, ready: ready.count),
            replicas: ReplicaCount(wanted: workload.replicas, present: pods.count, ready: ready.count))
    }

    private func coming(_ diagnoses: [PodDiagnosis], _ words: String?) -> Observation.State {
        if let failure = hopeless(diagnoses) { return .failed(failure) }
        if let refusal = workload.refusal {
            let error = KubernetesError.forbidden(refusal).failure
            if error.reason != .permissionDenied { return .failed(error) }
        }
        if ClusterHandle.isOver(startLimit, since: handle.startedAt, heardSince: heardSince, at: now) {
            let unscheduled = pods.first { $0.unschedulable != nil }
            let reason: FailureReason = unscheduled == nil ? .neverHealthy : .unschedulable
            return .failed(Failure(reason, "not ready within \(startLimit): \(words ?? "there is no pod of it")"))
        }
        let hasStarted = diagnoses.contains { diagnosis in
            switch diagnosis {
            case .ready, .silent, .restarting: true
            case .coming, .hopeless: false
            }
        }
        return hasStarted || pods.contains(where: \.isReady) ? .starting : .preparing
    }

    /// It answered before.
    private func lost(_ diagnoses: [PodDiagnosis], since: Timestamp, _ words: String?) -> Observation.State {
        if let failure = hopeless(diagnoses) { return .failed(Self.asLost(failure)) }
        if ClusterHandle.isOver(startLimit, since: since, heardSince: heardSince, at: now) {
            return .failed(
                Failure(.unhealthy, "has not answered for \(startLimit): \(words ?? "no pod of it is left")"))
        }
        for diagnosis in diagnoses {
            if case .restarting(let failure) = diagnosis { return .unready(Self.asLost(failure)) }
        }
        return .unready(Failure(.unhealthy, words ?? "no pod of it is left"))
    }

    private func hopeless(_ diagnoses: [PodDiagnosis]) -> Failure? {
        for diagnosis in diagnoses {
            if case .hopeless(let failure) = diagnosis { return failure }
        }
        return nil
    }

    private static func asLost(_ failure: Failure) -> Failure {
        failure.reason == .exitedBeforeReady ? Failure(.exited, failure.message) : failure
    }

    /// Of the pod that is furthest from answering.
    private func words(_ diagnoses: [(pod: PodState, diagnosis: PodDiagnosis)]) -> String? {
        let all = diagnoses.compactMap { pod, diagnosis -> (rank: Int, words: String)? in
            switch diagnosis {
            case .ready: nil
            case .hopeless(let failure): (0, failure.message)
            case .restarting(let failure): (1, failure.message)
            case .coming(let words): (2, notes[pod.name].map { "\(words) (\($0))" } ?? words)
            case .silent(let words): (3, words)
            }
        }
        return all.min { $0.rank < $1.rank }?.words ?? workload.refusal
    }

    private func message(_ words: String?, ready: Int) -> String? {
        guard ready < workload.replicas else { return nil }
        guard ready > 0 else { return words ?? "its pods are being made" }
        return "\(ready) of \(workload.replicas) replicas are ready\(words.map { "; \($0)" } ?? "")"
    }
}

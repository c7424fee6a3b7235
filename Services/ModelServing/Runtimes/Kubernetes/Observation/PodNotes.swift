import Domain
import JSON
import Kubernetes
import KubernetesObjects
import ModelServingCore
import Synchronization

/// What events say of pods that are long in coming. Asked of the cluster seldom, and only for those.
final class PodNotes: Sendable {
    /// A pod that has nothing to say for itself so long after it was made.
    static let patience: Duration = .seconds(20)
    /// Between two questions about one pod.
    static let interval: Duration = .seconds(20)
    static let maximumPods = 1024

    private let client: KubernetesClient
    private let kept = Mutex<[String: (askedAt: Timestamp, note: String?)]>([:])

    init(_ client: KubernetesClient) { self.client = client }

    /// By the names of the pods.
    func notes(of pods: [PodState], at now: Timestamp) async -> [String: String] {
        var notes: [String: String] = [:]
        for pod in pods where isStuck(pod, at: now) {
            notes[pod.name] = await note(of: pod, at: now)
        }
        return notes
    }

    private func isStuck(_ pod: PodState, at now: Timestamp) -> Bool {
        guard let createdAt = pod.createdAt, now - createdAt > Self.patience, !pod.isTerminating else { return false }
        return pod.node != nil && !pod.isReady && pod.phase == "Pending"
    }

    private func note(of pod: PodState, at now: Timestamp) async -> String? {
        if let known = kept.withLock({ $0[pod.uid] }), now - known.askedAt < Self.interval { return known.note }
        let query = KubernetesQuery(
            .event, fieldSelector: "involvedObject.kind=Pod,involvedObject.name=\(pod.name),type=Warning")
        let list = try? await client.list(query) { event in
            event["message"]?.stringValue.map {
                (text: "\(event["reason"]?.stringValue ?? ""): \($0)", event.createdAt)
            }
        }
        let note = list?.items.max { ($0.1?.millisecondsSinceEpoch ?? 0) < ($1.1?.millisecondsSinceEpoch ?? 0) }?.text
        kept.withLock { kept in
            if kept.count >= Self.maximumPods { kept = [:] }
            kept[pod.uid] = (now, note)
        }
        return note
    }
}

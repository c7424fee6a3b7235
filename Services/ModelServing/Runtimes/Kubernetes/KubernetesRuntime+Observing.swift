import Domain
import Kubernetes
import KubernetesObjects
import ModelServingCore

extension KubernetesRuntime {
    /// Lines of a failed container's log that go into the message.
    private static let failureLogLines = 5

    public func observe(_ deployment: Deployment, _ handle: RuntimeHandle) async throws(Failure) -> Observation {
        try await requireNews()
        let manifests = manifests(deployment)
        let now = settings.timing.now()
        let known = ClusterHandle(handle) ?? ClusterHandle(name: manifests.name, startedAt: now)
        guard let workload = try await workload(deployment, manifests), !workload.isTerminating else {
            return Observation(.absent, handle: known.persistent)
        }
        let group = deployment.instanceID.description
        if services.values(inGroup: group).isEmpty {
            // Somebody has removed it, or a process of ours ended before it was made.
            _ = try await create(.service, manifests.name, manifests.service)
        }
        let pods = pods.values(inGroup: group)
        var view = InstanceView(
            workload: workload, pods: pods, handle: known, startLimit: deployment.options.startLimit,
            url: manifests.url(namespace: client.namespace), now: now, heardSince: self.pods.currentSince)
        view.notes = await notes.notes(of: pods, at: now)
        let seen = view.observation()
        guard case .failed(let failure) = seen.state, failure.hasLog else { return seen }
        return Observation(
            .failed(await withLog(failure, pods)), handle: seen.handle, url: seen.url, node: seen.node,
            message: seen.message, replicas: seen.replicas)
    }

    public func recover(_ deployment: Deployment, _ handle: RuntimeHandle) async throws(Failure) -> Observation {
        try await observe(deployment, handle)
    }

    /// Right after a start the first lists are still coming.
    private static var listPatience: Duration { .seconds(2) }

    /// While the cluster does not answer nothing is known, which is no bad news about any instance.
    private func requireNews() async throws(Failure) {
        try await require(deployments)
        try await require(pods)
        try await require(services)
    }

    private func require<Value>(_ cache: ResourceCache<Value>) async throws(Failure) {
        if cache.condition == .starting { _ = await cache.becomesCurrent(within: Self.listPatience) }
        switch cache.condition {
        case .current: return
        case .starting: throw Failure(.runtimeUnreachable, "the cluster's objects are still being listed")
        case .cutOff(_, let error):
            throw Failure(
                error.failure.reason == .permissionDenied ? .permissionDenied : .runtimeUnreachable, error.message)
        }
    }

    /// As the watch has it. What it does not have may be too new for it, so that is asked of the server.
    private func workload(
        _ deployment: Deployment, _ manifests: InstanceManifests
    ) async throws(Failure) -> WorkloadState? {
        let group = deployment.instanceID.description
        if manifests.workloadKind == .deployment, let known = deployments.values(inGroup: group).first { return known }
        if manifests.workloadKind == .pod, let pod = pods.values(inGroup: group).first { return WorkloadState(pod) }
        let found = try await inCluster { () throws(KubernetesError) in
            try await client.find(manifests.workloadKind, manifests.name)
        }
        return found.flatMap { owner.owns($0) ? WorkloadState($0) : nil }
    }

    /// The end of the log of the container that failed says more than its exit status.
    private func withLog(_ failure: Failure, _ pods: [PodState]) async -> Failure {
        for pod in pods {
            for container in pod.containers where container.lastEnd != nil || container.hasEndedBadly {
                guard container.lastMessage.isEmpty else { continue }
                let lines = await lines(of: container, in: pod, limit: Self.failureLogLines)
                if !lines.isEmpty {
                    return Failure(failure.reason, "\(failure.message): \(lines.joined(separator: "\n"))")
                }
            }
        }
        return failure
    }

    public func logs(
        _ instance: ModelServiceInstanceID, _ handle: RuntimeHandle?, lines: Int
    ) async throws(Failure) -> [String] {
        let query = KubernetesQuery(.pod, labels: owner.selector(instance))
        let found = try await inCluster { () throws(KubernetesError) in
            try await client.list(query) { PodState($0) }.items
        }
        // The oldest has most to say, while it lives.
        let order = found.sorted { left, right in
            (left.isTerminating ? 1 : 0, left.createdAt?.millisecondsSinceEpoch ?? 0, left.name)
                < (right.isTerminating ? 1 : 0, right.createdAt?.millisecondsSinceEpoch ?? 0, right.name)
        }
        for pod in order {
            for container in pod.containers.reversed() {
                let end = await self.lines(of: container, in: pod, limit: lines)
                if !end.isEmpty { return end }
            }
        }
        return []
    }

    /// Of the present run, or of the one before if there is nothing yet. Empty if there is none.
    private func lines(of container: ContainerState, in pod: PodState, limit: Int) async -> [String] {
        if let now = try? await client.log(pod: pod.name, container: container.name, lines: limit), !now.isEmpty {
            return now
        }
        guard container.restarts > 0 else { return [] }
        let before = try? await client.log(
            pod: pod.name, container: container.name, lines: limit, isPrevious: true)
        return before ?? []
    }
}

extension WorkloadState {
    /// A Pod that is alone.
    fileprivate init(_ pod: PodState) {
        name = pod.name
        instance = pod.instance
        service = pod.service
        createdAt = pod.createdAt
        isTerminating = pod.isTerminating
        replicas = 1
        refusal = nil
    }
}

extension ContainerState {
    fileprivate var hasEndedBadly: Bool {
        if case .ended(let end) = phase { end.exitCode != 0 } else { false }
    }

    fileprivate var lastMessage: String {
        if case .ended(let end) = phase { end.message } else { lastEnd?.message ?? "" }
    }
}

extension Failure {
    /// The engine itself has ended, so that its log may say why.
    fileprivate var hasLog: Bool {
        switch reason {
        case .exitedBeforeReady, .exited, .outOfMemory, .downloadFailed: true
        default: false
        }
    }
}

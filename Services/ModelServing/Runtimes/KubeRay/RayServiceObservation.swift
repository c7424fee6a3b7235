import Domain
import Kubernetes
import KubernetesObjects
import ModelServingCore

/// What an instance is, seen from what the cluster tells of its RayService. Pure.
struct RayServiceObservation: Sendable {
    let deployment: Deployment
    let namespace: String
    /// Nil if there is none.
    let service: RayServiceState?
    let pods: [PodState]
    let warnings: [RayServiceWarning]
    let now: Timestamp
    /// Since when the cluster has been heard without a break.
    var heardSince: Timestamp?

    func observation(_ known: ClusterHandle) -> Observation {
        guard let service else {
            guard known.wasReady else { return Observation(.absent, handle: known.persistent) }
            return told(
                .failed(Failure(.removedFromCluster, "the RayService \(known.name) is not there any more")), known)
        }
        if service.isTerminating {
            return told(
                .failed(Failure(.removedFromCluster, "the RayService \(service.name) is being deleted by others")),
                known)
        }
        if let failure = refusal(of: service) { return told(.failed(failure), known) }
        if service.isReady || known.wasReady && service.isReachable {
            var handle = known
            handle.wasReady = true
            return told(.ready, handle)
        }
        guard !known.wasReady else {
            return told(.unready(Failure(.unhealthy, progress(of: service))), known)
        }
        if let failure = failure(of: service) { return told(.failed(failure), known) }
        let limit = deployment.options.startLimit
        if ClusterHandle.isOver(limit, since: known.startedAt, heardSince: heardSince, at: now) {
            return told(
                .failed(
                    Failure(.neverHealthy, "not ready \(limit) after its start; last seen: \(progress(of: service))")),
                known)
        }
        let isStarting = !service.applications.isEmpty
        return told(isStarting ? .starting : .preparing, known, message: progress(of: service))
    }

    private func told(
        _ state: Observation.State, _ handle: ClusterHandle, message: String? = nil
    ) -> Observation {
        Observation(
            state, handle: handle.persistent,
            url: service.map { RayServiceManifest.url($0.name, namespace: namespace) },
            node: service?.activeCluster ?? service?.name, message: message, replicas: replicas)
    }

    /// Each worker is there for one replica.
    private var replicas: ReplicaCount? {
        guard let service else { return nil }
        let wanted = deployment.options.autoscaling?.maximumReplicas ?? service.declaredReplicas ?? deployment.replicas
        let workers = pods.filter { $0.name.contains("-\(RayServiceManifest.workerGroup)-worker-") }
        guard !workers.isEmpty else {
            return ReplicaCount(wanted: wanted, present: wanted, ready: service.isReady ? wanted : 0)
        }
        let ready = service.isReachable ? workers.count { $0.isReady && !$0.isTerminating } : 0
        return ReplicaCount(wanted: wanted, present: workers.count, ready: min(wanted, ready))
    }

    /// What only another object helps against.
    private func refusal(of service: RayServiceState) -> Failure? {
        switch service.ready?.reason {
        case "ValidationFailed": Failure(.deployRefused, service.ready?.message ?? "")
        case "InitializingTimeout":
            Failure(.neverHealthy, "\(service.ready?.message ?? ""); last seen: \(details(of: service))")
        default: nil
        }
    }

    /// Before it was ever ready. `DEPLOY_FAILED` changes no condition.
    private func failure(of service: RayServiceState) -> Failure? {
        if let application = service.applications.first(where: { $0.status == "DEPLOY_FAILED" }) {
            return Failure(.deployFailed, "Ray could not deploy the application: \(Self.words(of: application))")
        }
        for pod in pods {
            if case .hopeless(let failure) = PodDiagnosis(pod, at: now) { return failure }
        }
        guard let warning = warnings.last(where: { $0.reason == "FailedToUpdateServeApplications" }),
            warning.message.contains("yaml")
        else { return nil }
        return Failure(.deployRefused, warning.message)
    }

    /// How far it is, or what it waits for.
    private func progress(of service: RayServiceState) -> String {
        let details = details(of: service)
        return details.isEmpty ? service.ready?.message ?? "waiting for KubeRay's operator" : details
    }

    private func details(of service: RayServiceState) -> String {
        let applications = service.applications.filter { $0.status != "RUNNING" }
        let told = applications.filter { !$0.message.isEmpty || $0.deployments.contains { !$0.message.isEmpty } }
        if let application = told.first { return Self.words(of: application) }
        for pod in pods {
            switch PodDiagnosis(pod, at: now) {
            case .coming(let words): return "\(pod.name): \(words)"
            case .restarting(let failure), .hopeless(let failure): return "\(pod.name): \(failure.message)"
            case .ready, .silent: continue
            }
        }
        if let application = applications.first {
            let waiting = application.deployments.filter { $0.status != "HEALTHY" }.map { "\($0.name) \($0.status)" }
            return "Ray brings the application up"
                + (waiting.isEmpty ? "" : ": \(waiting.joined(separator: ", ").lowercased())")
        }
        if let warning = warnings.last { return "\(warning.reason): \(warning.message)" }
        return pods.isEmpty ? "" : "the Ray cluster runs, and its application is not declared yet"
    }

    private static func words(of application: RayServiceState.Application) -> String {
        let deployments = application.deployments.filter { !$0.message.isEmpty && $0.status != "HEALTHY" }
        let told = [application.message] + deployments.map { "\($0.name): \($0.message)" }
        let words = told.filter { !$0.isEmpty }.joined(separator: "; ")
        return words.isEmpty ? application.status : words
    }
}

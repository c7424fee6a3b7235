import Domain
import ModelServingCore

/// What an instance is, seen from what Serve tells of its application. Pure.
struct ApplicationObservation: Sendable {
    let deployment: Deployment
    /// Where requests for the application go.
    let url: String
    /// The deployment whose replicas are those of the instance, if it is known.
    let main: String?

    private var startTime: Duration {
        .seconds(deployment.options.startSeconds ?? RuntimeOptions.defaultStartSeconds)
    }

    /// - Parameter application: nil if Serve does not tell of it.
    func observation(of application: ServeApplication?, _ known: RayHandle, now: Timestamp) -> Observation {
        var handle = known
        guard let application else {
            guard known.wasSeen else { return Observation(.absent, handle: known.persistent) }
            return Observation(.failed(Self.gone("is not there any more")), handle: known.persistent)
        }
        guard application.condition != .leaving else {
            return Observation(.failed(Self.gone("is being deleted")), handle: known.persistent)
        }
        handle.wasSeen = true
        let (state, message) = state(of: application, &handle, now: now)
        let counted = application.deployment(named: main ?? application.ingress)
        let running = counted?.replicas.first { $0.state == .running } ?? counted?.replicas.first
        return Observation(
            state, handle: handle.persistent, url: url, node: running?.nodeAddress, message: message,
            replicas: counted.map { replicas(of: $0, application) })
    }

    private func replicas(of counted: ServeApplication.Deployment, _ application: ServeApplication) -> ReplicaCount {
        let declared = ApplicationConfiguration.replicas(in: application.declared)
        return ReplicaCount(
            wanted: deployment.options.autoscaling?.maximumReplicas ?? declared ?? counted.targetReplicas,
            present: counted.presentReplicas, ready: counted.runningReplicas)
    }

    private func state(
        of application: ServeApplication, _ handle: inout RayHandle, now: Timestamp
    ) -> (Observation.State, String?) {
        let isConfigured = application.declared.map { ApplicationConfiguration.isComplete($0) } ?? true
        switch application.condition {
        case .failed: return (.failed(Failure(.deployFailed, application.fault)), nil)
        case .running where isConfigured:
            handle.wasReady = true
            handle.unreadySince = nil
            return (.ready, nil)
        case .unhealthy where handle.wasReady, .comingUp where handle.wasReady:
            if application.answers {
                handle.unreadySince = nil
                return (.ready, application.progress)
            }
            return (unready(application, &handle, now: now), application.progress)
        case .comingUp, .running, .unhealthy, .leaving:
            guard now - handle.startedAt < startTime else {
                return (
                    .failed(
                        Failure(
                            .neverHealthy,
                            "the application was not ready within \(startTime); the last that was seen of it: "
                                + application.progress)), nil
                )
            }
            return (.starting, application.progress)
        }
    }

    private func unready(
        _ application: ServeApplication, _ handle: inout RayHandle, now: Timestamp
    ) -> Observation.State {
        let since = handle.unreadySince ?? now
        handle.unreadySince = since
        let fault = application.condition == .unhealthy ? application.fault : application.progress
        guard now - since < startTime else {
            return .failed(Failure(.unhealthy, "the application has not answered for \(startTime): \(fault)"))
        }
        return .unready(Failure(.unhealthy, fault))
    }

    private static func gone(_ what: String) -> Failure {
        Failure(.removedFromCluster, "the application \(what): somebody removed it, or Ray was started anew")
    }
}

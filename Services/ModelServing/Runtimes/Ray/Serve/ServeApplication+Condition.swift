import Domain

/// What the words of Serve come to for whoever waits for an application.
extension ServeApplication {
    enum Condition: Hashable, Sendable {
        /// Being brought up, or changed.
        case comingUp
        /// Every deployment does what it should.
        case running
        /// Something of it fails its health checks, or a change of what runs failed.
        case unhealthy
        /// Serve has given up on it.
        case failed
        case leaving
    }

    var condition: Condition {
        switch status {
        case .notStarted, .deploying: .comingUp
        case .running: .running
        case .unhealthy: .unhealthy
        case .deployFailed: .failed
        case .deleting: .leaving
        // A word of a later version: what its replicas do is known all the same.
        case nil: .comingUp
        }
    }

    /// Whether requests get an answer: every deployment has a replica, or none on purpose until a request comes.
    ///
    /// The status alone does not tell. While replicas are added an application counts as being deployed, and each write
    /// of anybody makes all of them count so for a moment.
    var answers: Bool {
        !deployments.isEmpty
            && deployments.allSatisfy {
                $0.status != .deployFailed && ($0.runningReplicas > 0 || $0.targetReplicas == 0)
            }
    }

    /// Its code is being loaded, which each write begins anew.
    var isBeingBuilt: Bool { status == .deploying && deployments.isEmpty }

    /// How far it is, or what keeps it, for people.
    var progress: String {
        let told = deployments.compactMap { $0.told }
        if !told.isEmpty { return told.joined(separator: "; ") }
        if !message.isEmpty { return Traceback.tellingEnd(of: message) }
        if deployments.isEmpty { return "Ray is loading the application's code" }
        return deployments.map { deployment in
            "\(deployment.runningReplicas) of \(deployment.targetReplicas) replicas of \(deployment.name) run"
        }.joined(separator: "; ")
    }

    /// Why it failed. The application's own message often says no more than that a deployment did.
    var fault: String {
        let faults = deployments.filter { $0.status == .deployFailed || $0.status == .unhealthy }.compactMap { $0.told }
        if !faults.isEmpty { return faults.joined(separator: "; ") }
        return message.isEmpty ? "Ray does not say why" : Traceback.tellingEnd(of: message)
    }

    /// Everything that Serve says of it, line by line.
    var words: [String] {
        let texts = [message] + deployments.filter { !$0.message.isEmpty }.map { "\($0.name): \($0.message)" }
        return texts.flatMap { Traceback.withoutColours($0).split(separator: "\n").map(String.init) }
    }

    var deployedAt: Timestamp? {
        deployedAtSeconds.map { Timestamp(millisecondsSinceEpoch: Int64($0 * 1000)) }
    }

    func deployment(named name: String?) -> Deployment? {
        name.flatMap { name in deployments.first { $0.name == name } }
    }
}

extension ServeApplication.Deployment {
    /// Its message, if it has one.
    fileprivate var told: String? {
        message.isEmpty ? nil : "\(name): \(Traceback.tellingEnd(of: message))"
    }

    /// Replicas that take something of the cluster, those that are going among them.
    var presentReplicas: Int { replicas.count { $0.state != .stopped } }
}

import Domain

/// One deployed unit of a revision.
public struct ModelServiceInstance: Hashable, Sendable, Codable {
    /// What is to become of it.
    public enum Goal: String, Hashable, Sendable, Codable {
        case run
        /// Nobody wants it any longer.
        case stop
        /// It cannot be brought to life: what it holds is given back, and the failure kept.
        case giveUp = "give_up"
    }

    public let id: ModelServiceInstanceID
    /// The number of the revision that it carries.
    public var revision: Int
    public internal(set) var phase: InstancePhase
    public internal(set) var goal: Goal
    public internal(set) var phaseSince: Timestamp
    /// Failures of the current step in a row; of restarts, since the engine last ran for a while.
    public internal(set) var attempts: Int
    /// When the failed step is tried again; nil if nothing waits for that.
    public internal(set) var nextRetryAt: Timestamp?
    /// The engine is left alone until then, so that the gateway learns first that it goes away.
    public internal(set) var drainUntil: Timestamp?
    /// The last thing that went wrong, until the instance runs again.
    public internal(set) var failure: Failure?
    public internal(set) var handle: RuntimeHandle?
    public internal(set) var node: String?
    /// Where the engine answers: `http://127.0.0.1:40123`, without a path.
    public internal(set) var url: String?
    /// How far it is, or what it waits for, while it is not as it should be.
    public internal(set) var message: String?
    /// Replicas inside as the runtime told them last; nil for one that is a replica itself.
    public internal(set) var replicas: ReplicaCount?
    /// For how many replicas capacity was claimed; nil before the first claim.
    var claimedReplicas: Int?
    /// How often the engine ended, or hung, after it had run.
    public internal(set) var restarts: Int
    /// When it began to run; nil before its first time.
    public internal(set) var startTime: Timestamp?
    public internal(set) var stopTime: Timestamp?
    public let createdAt: Timestamp
    public internal(set) var updatedAt: Timestamp

    public init(id: ModelServiceInstanceID, revision: Int, at now: Timestamp) {
        self.id = id
        self.revision = revision
        phase = .pending
        goal = .run
        phaseSince = now
        attempts = 0
        restarts = 0
        createdAt = now
        updatedAt = now
    }

    public var status: InstanceStatus {
        switch phase {
        case .pending, .resolving, .claiming, .deploying, .starting: .creating
        case .running: .running
        // An engine that is being restarted is on its way up again, whatever it was before.
        case .unhealthy, .restarting: .creating
        case .stopping, .releasing: goal == .giveUp ? .error : .stopped
        case .stopped: .stopped
        case .error: .error
        }
    }

    /// It answers, and may be sent requests.
    public var isReady: Bool { phase == .running && goal == .run && url != nil }

    /// It ran, and is not well now.
    var isDisturbed: Bool {
        switch phase {
        case .unhealthy: true
        case .restarting, .deploying, .starting: restarts > 0
        case .pending, .resolving, .claiming, .running, .stopping, .releasing, .stopped, .error: false
        }
    }

    /// How long it has been up, or was.
    public func runTime(at now: Timestamp) -> Duration {
        guard let startTime else { return .zero }
        return max(.zero, (stopTime ?? now) - startTime)
    }

    private enum CodingKeys: String, CodingKey {
        case id, revision, phase, goal, attempts, failure, handle, node, url, restarts, message, replicas
        case claimedReplicas = "claimed_replicas"
        case phaseSince = "phase_since"
        case nextRetryAt = "next_retry_at"
        case drainUntil = "drain_until"
        case startTime = "start_time"
        case stopTime = "stop_time"
        case createdAt = "created_at"
        case updatedAt = "updated_at"
    }
}

extension ModelServiceInstance {
    mutating func enter(_ phase: InstancePhase, at now: Timestamp) {
        self.phase = phase
        phaseSince = now
        nextRetryAt = nil
        updatedAt = now
    }
}

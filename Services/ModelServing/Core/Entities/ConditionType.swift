import Domain

/// The stages that a service has to pass, each of them a condition.
public enum ConditionType: String, Hashable, Sendable, CaseIterable {
    case modelResolved = "ModelResolved"
    case resourcesClaimed = "ResourcesClaimed"
    case deployed = "Deployed"
    case ready = "Ready"

    fileprivate func isReached(by instance: ModelServiceInstance, of revision: Revision) -> Bool {
        guard instance.goal == .run else { return false }
        switch (self, instance.phase) {
        case (.modelResolved, _): return revision.resolvedVersion != nil
        case (_, .pending), (_, .resolving), (_, .claiming), (_, .stopping), (_, .releasing), (_, .stopped),
            (_, .error):
            return false
        case (.resourcesClaimed, _): return true
        case (_, .deploying), (_, .restarting): return false
        case (.deployed, _): return true
        case (.ready, _): return instance.isReady
        }
    }
}

extension FailureReason {
    /// The condition that this failure keeps from becoming true.
    var stage: ConditionType {
        switch self {
        case .modelNotFound, .modelNotReadable, .modelCatalogUnavailable: .modelResolved
        case .insufficientCapacity, .capacityExceeded, .claimRefused, .resourceManagementUnavailable:
            .resourcesClaimed
        case .definitionMissing, .definitionInvalid, .runtimeNotAvailable, .runtimeUnreachable, .downloadFailed,
            .modelFileMissing, .modelFileTooLarge, .digestMismatch, .modelFilesUnusable, .storageFailed,
            .preStartActionFailed, .commandNotFound, .startRefused, .portInUse, .engineRefusedConfiguration,
            .modelNotSupported, .deployRefused, .nameTaken, .permissionDenied, .imageNotPulled, .unschedulable:
            .deployed
        case .exitedBeforeReady, .neverHealthy, .outOfMemory, .exited, .unhealthy, .vanished, .endedUnwatched,
            .deployFailed, .removedFromCluster, .internalFault:
            .ready
        }
    }
}

extension ModelService {
    /// Derives the conditions from the instances of the wanted revision, be it a canary or not.
    mutating func refreshConditions(at now: Timestamp) {
        let wanted = instancesWanted[revision.number] ?? 0
        let current = instances.filter { $0.revision == revision.number }
        for type in ConditionType.allCases {
            let count = current.count { type.isReached(by: $0, of: revision) }
            let failure = current.compactMap(\.failure).first { $0.reason.stage == type }
            if deletionRequestedAt != nil, type == .ready {
                conditions.set(type.rawValue, .no, reason: "Deleting", message: "is being deleted", at: now)
            } else if wanted == 0, type != .modelResolved {
                conditions.set(type.rawValue, .no, reason: "Stopped", message: "no replica is wanted", at: now)
            } else if type == .modelResolved, let version = revision.resolvedVersion {
                conditions.set(
                    type.rawValue, .yes, reason: "Resolved", message: "version \(version) is served", at: now)
            } else if wanted > 0, count >= wanted {
                conditions.set(type.rawValue, .yes, reason: "AllInstances", message: "\(count) of \(wanted)", at: now)
            } else if let failure {
                conditions.set(
                    type.rawValue, .no, reason: failure.reason.rawValue, message: failure.message, at: now)
            } else if current.contains(where: { $0.goal == .giveUp }) {
                // The failure is told by the condition that it belongs to.
                conditions.set(type.rawValue, .no, reason: "GivenUp", message: "", at: now)
            } else {
                conditions.set(
                    type.rawValue, .no, reason: "InProgress", message: "\(count) of \(wanted)", at: now)
            }
        }
    }
}

import Kubernetes
import ModelServingCore

extension KubernetesError {
    /// What it means for an instance.
    public var failure: Failure {
        switch self {
        // Says nothing about the instance, and passes.
        case .unreachable, .busy, .malformedAnswer, .expired, .cancelled, .unauthorized, .misconfigured, .conflict:
            Failure(.runtimeUnreachable, message)
        case .unknownKind:
            Failure(
                .runtimeNotAvailable,
                "the cluster does not know this kind of object (is its operator installed?): \(message)")
        case .forbidden where isQuota: Failure(.insufficientCapacity, message)
        case .forbidden where isPolicy: Failure(.deployRefused, message)
        case .forbidden: Failure(.permissionDenied, message)
        case .notFound, .alreadyExists, .ownedByOthers, .refused, .tooLarge: Failure(.deployRefused, message)
        case .invalid(let message, let causes):
            Failure(
                .deployRefused,
                causes.isEmpty ? message : causes.map { "\($0.field): \($0.message)" }.joined(separator: "; "))
        }
    }

    private var isQuota: Bool { ClusterWords.isQuota(message) }
    private var isPolicy: Bool { ClusterWords.isPolicy(message) }
}

/// Words by which a cluster tells what it has no code for.
enum ClusterWords {
    static func isQuota(_ message: String) -> Bool { message.contains("exceeded quota") }

    /// A rule about what pods may do, which does not go away by waiting.
    static func isPolicy(_ message: String) -> Bool {
        message.contains("violates PodSecurity") || message.contains("denied the request")
    }

    /// Of an image that will not be there at the next attempt either.
    static func isMissingImage(_ message: String) -> Bool {
        ["not found", "manifest unknown", "denied", "unauthorized", "does not exist", "invalid reference format"]
            .contains { message.contains($0) }
    }
}

/// Makes a call to the API server, as part of a runtime's.
public func inCluster<Value>(
    _ call: () async throws(KubernetesError) -> Value
) async throws(Failure) -> Value {
    do throws(KubernetesError) {
        return try await call()
    } catch {
        throw error.failure
    }
}

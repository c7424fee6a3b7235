import JSON

/// What engines may do on a cluster: nothing that a program that computes and answers requests does not need. The
/// strictest of Kubernetes' pod security standards ("restricted") takes it.
public enum PodSecurity {
    /// Images that would run as root run as this user instead.
    static let user: JSONValue = 1000
    /// The only folders that can be written to, besides that of the model.
    public static let temporaryFolder = "/tmp"

    /// Of a pod's `spec`.
    public static let pod: JSONValue = [
        "runAsNonRoot": true, "runAsUser": user, "runAsGroup": user, "fsGroup": user,
        "seccompProfile": ["type": "RuntimeDefault"],
    ]

    /// Of a container.
    public static let container: JSONValue = [
        "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": ["drop": ["ALL"]],
    ]
}

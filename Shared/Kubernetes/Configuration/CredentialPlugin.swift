import Domain
import JSON

/// A program that gives credentials when asked, as a kubeconfig's `exec` has it.
actor CredentialPlugin {
    /// It is asked anew so long before its credentials expire.
    static let renewalMargin: Duration = .seconds(30)

    private let command: PluginCommand
    private var kept: PluginCredential?
    /// Several calls at once ask it once.
    private var running: Task<Result<PluginCredential, KubernetesError>, Never>?

    init(_ command: PluginCommand) { self.command = command }

    func credential(for cluster: Cluster, at now: Timestamp) async throws(KubernetesError) -> PluginCredential {
        if let kept, kept.isUsable(at: now) { return kept }
        let task =
            running
            ?? Task { [command] in
                do throws(KubernetesError) {
                    return .success(try await command.run(for: cluster))
                } catch {
                    return .failure(error)
                }
            }
        running = task
        let result = await task.value
        if running == task { running = nil }
        let credential = try result.get()
        kept = credential
        return credential
    }

    func renew() { kept = nil }
}

/// What a plugin has answered.
struct PluginCredential: Sendable {
    let token: SecretText?
    let certificate: String?
    let key: SecretText?
    /// Nil: until the server refuses it.
    let expiresAt: Timestamp?

    func isUsable(at now: Timestamp) -> Bool {
        expiresAt.map { now + CredentialPlugin.renewalMargin < $0 } ?? true
    }

    /// Reads an `ExecCredential`.
    init(_ output: [UInt8], apiVersion: String, command: String) throws(KubernetesError) {
        let document = (try? JSONParser.parse(output)) ?? .null
        guard document["kind"]?.stringValue == "ExecCredential", let status = document["status"] else {
            throw .misconfigured("the credential plugin \(command) did not print an ExecCredential with a status")
        }
        guard document["apiVersion"]?.stringValue == apiVersion else {
            throw .misconfigured("the credential plugin \(command) did not answer in \(apiVersion)")
        }
        token = status["token"]?.stringValue.map(SecretText.init)
        certificate = status["clientCertificateData"]?.stringValue
        key = status["clientKeyData"]?.stringValue.map(SecretText.init)
        expiresAt = status["expirationTimestamp"]?.stringValue.flatMap(Timestamp.init)
        guard token != nil || (certificate != nil && key != nil) else {
            throw .misconfigured("the credential plugin \(command) gave neither a token nor a certificate with its key")
        }
    }
}

import HTTP
import FoundationEssentials
import JSON
import Subprocess

/// How a credential plugin is started.
struct PluginCommand: Sendable {
    /// A plugin may ask a cloud for a token, and must not wait for a person.
    static let deadline: Duration = .seconds(60)
    private static let grace: Duration = .seconds(1)
    /// Characters of what it complained about.
    private static let maximumComplaint = 300
    private static let marker = "SLIPWAY_CREDENTIAL_PLUGIN"

    let apiVersion: String
    /// Of a path with a slash, the whole path.
    let command: String
    let arguments: [String]
    /// Besides this process's own.
    let variables: [String: String]
    let tellsCluster: Bool
    let installHint: String?
    let environment: [String: String]

    /// Runs it once.
    func run(for cluster: Cluster) async throws(KubernetesError) -> PluginCredential {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("slipway-\(UUID())").path
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        } catch {
            throw .misconfigured("there is no folder for the answer of the credential plugin \(command)")
        }
        // What it prints is a secret.
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let status = try await finish(request(folder: folder, cluster: cluster))
        guard status == .code(0) else { throw failure("ended with \(status)", folder: folder) }
        let output = (try? CredentialFile.read("\(folder)/output")) ?? ""
        return try PluginCredential(Array(output.utf8), apiVersion: apiVersion, command: command)
    }

    private func request(folder: String, cluster: Cluster) throws(KubernetesError) -> SpawnRequest {
        var variables = environment.filter { !$0.key.hasPrefix("SLIPWAY_") && !$0.key.hasSuffix("_API_TOKEN") }
        variables.merge(self.variables) { $1 }
        variables["KUBERNETES_EXEC_INFO"] = JSONWriter.text(try information(cluster))
        variables[Self.marker] = folder
        // The shell keeps what the plugin complains about out of what it answers.
        return SpawnRequest(
            arguments: ["/bin/sh", "-c", "exec \"$@\" 2>'\(folder)/complaint'", "sh", command] + arguments,
            environment: variables, workingDirectory: FileManager.default.currentDirectoryPath,
            outputFile: "\(folder)/output")
    }

    private func information(_ cluster: Cluster) throws(KubernetesError) -> JSONValue {
        var spec: [(String, JSONValue)] = [("interactive", false)]
        if tellsCluster {
            var members: [(String, JSONValue)] = [("server", .string(cluster.server.description))]
            if let name = cluster.serverName { members.append(("tls-server-name", .string(name))) }
            if cluster.trustsAnyServer { members.append(("insecure-skip-tls-verify", true)) }
            if let authority = try cluster.certificateAuthority?.text() {
                let encoded = Data(authority.utf8).base64EncodedString()
                members.append(("certificate-authority-data", .string(encoded)))
            }
            if let proxy = cluster.proxyURL { members.append(("proxy-url", .string(proxy))) }
            members.append(("config", cluster.pluginSettings ?? .null))
            spec.append(("cluster", .object(JSONObject(members))))
        }
        return [
            "apiVersion": .string(apiVersion), "kind": "ExecCredential", "spec": .object(JSONObject(spec)),
        ]
    }

    /// Waits for its end, and ends it and what it started when it takes too long.
    private func finish(_ request: SpawnRequest) async throws(KubernetesError) -> ProcessExit.Status {
        let process: ProcessIdentity
        do throws(SpawnFailure) {
            process = try request.spawn()
        } catch {
            throw .misconfigured("the credential plugin \(command) cannot be started: \(error)")
        }
        let status = await withTaskGroup(of: ProcessExit.Status?.self) { group in
            group.addTask { try? await ProcessExit.wait(for: process) }
            group.addTask {
                try? await Task.sleep(for: Self.deadline)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        if let status { return status }
        let marker = (name: Self.marker, value: request.environment[Self.marker] ?? "")
        _ = await ProcessFamily(leader: process, marker: marker).end(grace: Self.grace)
        guard !Task.isCancelled else { throw .cancelled }
        throw .misconfigured("the credential plugin \(command) did not answer within \(Self.deadline)")
    }

    private func failure(_ what: String, folder: String) -> KubernetesError {
        let complaint = ((try? CredentialFile.read("\(folder)/complaint")) ?? "")
            .split(whereSeparator: \.isNewline).joined(separator: " ").suffix(Self.maximumComplaint)
        let hint = installHint.map { "; \($0)" } ?? ""
        return .misconfigured(
            "the credential plugin \(command) \(what)\(complaint.isEmpty ? "" : ": \(complaint)")\(hint)")
    }
}

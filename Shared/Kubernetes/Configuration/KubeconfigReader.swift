import FoundationEssentials
import HTTP
import JSON
import YAML

/// Reads one kubeconfig file. Unknown fields are left alone: other programs keep theirs in it too.
struct KubeconfigReader {
    private let path: String
    private let folder: String

    static func read(_ path: String) throws(KubernetesError) -> Kubeconfig {
        let text = try CredentialFile.read(path)
        let document: JSONValue
        do throws(YAMLError) {
            document = try YAMLParser.parse(text)
        } catch {
            throw .misconfigured("the kubeconfig \(path) is not YAML that is read here: \(error)")
        }
        return Self(path: path, folder: folder(of: path)).kubeconfig(document)
    }

    private static func folder(of path: String) -> String {
        let whole = path.hasPrefix("/") ? path : "\(FileManager.default.currentDirectoryPath)/\(path)"
        return String(whole[..<(whole.lastIndex(of: "/") ?? whole.startIndex)])
    }

    private func kubeconfig(_ document: JSONValue) -> Kubeconfig {
        var result = Kubeconfig()
        result.currentContext = text(document["current-context"])
        for entry in entries(document, "clusters", "cluster") {
            result.clusters[entry.name] = Result { () throws(KubernetesError) in try cluster(entry.value) }
        }
        for entry in entries(document, "users", "user") {
            result.users[entry.name] = Result { () throws(KubernetesError) in try user(entry.value) }
        }
        for entry in entries(document, "contexts", "context") {
            result.contexts[entry.name] = Kubeconfig.Context(
                cluster: text(entry.value["cluster"]) ?? "", user: text(entry.value["user"]) ?? "",
                namespace: text(entry.value["namespace"]))
        }
        return result
    }

    private func entries(_ document: JSONValue, _ list: String, _ member: String) -> [(name: String, value: JSONValue)]
    {
        var names: Set<String> = []
        return (document[list]?.arrayValue ?? []).compactMap { entry in
            guard let name = text(entry["name"]), names.insert(name).inserted else { return nil }
            return (name, entry[member] ?? .null)
        }
    }

    private func cluster(_ value: JSONValue) throws(KubernetesError) -> Cluster {
        guard let server = text(value["server"]) else { throw problem("a cluster has no server") }
        guard let url = HTTPBaseURL(server) else {
            throw problem("the server of a cluster is not an address like https://host:6443")
        }
        var cluster = Cluster(server: url)
        cluster.certificateAuthority = try credential(value, "certificate-authority")
        cluster.serverName = text(value["tls-server-name"])
        cluster.trustsAnyServer = value["insecure-skip-tls-verify"]?.boolValue ?? false
        cluster.proxyURL = text(value["proxy-url"])
        cluster.pluginSettings =
            (value["extensions"]?.arrayValue ?? []).first {
                $0["name"]?.stringValue == "client.authentication.k8s.io/exec"
            }?["extension"]
        return cluster
    }

    private func user(_ value: JSONValue) throws(KubernetesError) -> User {
        var user = User()
        user.certificate = try credential(value, "client-certificate")
        user.key = try credential(value, "client-key")
        if (user.certificate == nil) != (user.key == nil) {
            throw problem("a user has a client certificate without its key, or a key without a certificate")
        }
        if let file = text(value["tokenFile"]) {
            let file = CredentialFile(resolve(file))
            _ = try file.text()
            user.token = .file(file)
        } else if let token = text(value["token"]) {
            user.token = .fixed(SecretText(token))
        } else if let exec = value["exec"], !exec.isNull {
            user.token = .plugin(CredentialPlugin(try plugin(exec)))
        } else if value["auth-provider"] != nil {
            throw problem("a user has an auth-provider, which Kubernetes has given up for exec plugins")
        } else if value["username"] != nil {
            throw problem("a user has a user name and a password, which no API server takes any longer")
        }
        if let name = text(value["as"]) {
            user.actsAs = Impersonation(
                user: name, uid: text(value["as-uid"]),
                groups: (value["as-groups"]?.arrayValue ?? []).compactMap(\.stringValue))
        }
        return user
    }

    private func plugin(_ value: JSONValue) throws(KubernetesError) -> PluginCommand {
        let versions = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"]
        guard let version = text(value["apiVersion"]), versions.contains(version) else {
            throw problem("the apiVersion of an exec plugin is none of \(versions.joined(separator: ", "))")
        }
        guard let command = text(value["command"]) else { throw problem("an exec plugin has no command") }
        guard text(value["interactiveMode"]) != "Always" else {
            throw problem("the exec plugin \(command) wants to ask a person (interactiveMode: Always)")
        }
        var variables: [String: String] = [:]
        for entry in value["env"]?.arrayValue ?? [] {
            if let name = text(entry["name"]) { variables[name] = text(entry["value"]) ?? "" }
        }
        return PluginCommand(
            apiVersion: version, command: command.contains("/") ? resolve(command) : command,
            arguments: (value["args"]?.arrayValue ?? []).compactMap(text), variables: variables,
            tellsCluster: value["provideClusterInfo"]?.boolValue ?? false, installHint: text(value["installHint"]),
            environment: ProcessInfo.processInfo.environment)
    }

    /// `NAME-data` in base64, or else the file `NAME`.
    private func credential(_ value: JSONValue, _ name: String) throws(KubernetesError) -> CredentialText? {
        if let encoded = text(value["\(name)-data"]) {
            guard let data = Data(base64Encoded: encoded, options: .ignoreUnknownCharacters),
                let decoded = String(validating: data, as: UTF8.self)
            else { throw problem("\(name)-data is not PEM in base64") }
            return .inline(SecretText(decoded))
        }
        guard let path = text(value[name]) else { return nil }
        let file = CredentialFile(resolve(path))
        _ = try file.text()
        return .file(file)
    }

    /// Paths count from the file's own folder.
    private func resolve(_ path: String) -> String { path.hasPrefix("/") ? path : "\(folder)/\(path)" }

    /// Of a scalar that is not empty; a token of digits is a number in YAML.
    private func text(_ value: JSONValue?) -> String? {
        switch value {
        case .string(let text): text.isEmpty ? nil : text
        case .integer(let number): String(number)
        default: nil
        }
    }

    private func problem(_ what: String) -> KubernetesError { .misconfigured("in the kubeconfig \(path), \(what)") }
}

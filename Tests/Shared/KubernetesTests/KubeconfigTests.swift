import Foundation
import HTTP
import HTTPClient
import JSON
import Observability
import TestSupport
import Testing

@testable import Kubernetes

struct KubeconfigTests {
    private let folder = TemporaryFolder()

    private func config(user: String, cluster: String = "", context: String = "") -> String {
        """
        apiVersion: v1
        kind: Config
        clusters:
        - name: c1
          cluster:
            server: https://127.0.0.1:26443
        \(cluster)
        users:
        - name: u1
          user:
        \(user)
        contexts:
        - name: ctx1
          context:
            cluster: c1
            user: u1
        \(context)
        current-context: ctx1
        """
    }

    private func load(
        _ text: String, context: String? = nil, namespace: String? = nil
    ) throws -> KubernetesConfiguration {
        try folder.write("config", text)
        return try KubernetesConfiguration.load(
            kubeconfig: folder.path("config"), context: context, namespace: namespace, environment: [:])
    }

    private func identity(_ configuration: KubernetesConfiguration) async throws -> Identity {
        try await Credentials(configuration.user, cluster: configuration.cluster, now: SystemClock.now).identity()
    }

    @Test func aTokenFileGoesBeforeAToken() async throws {
        try folder.write("tok", "from-file\n")
        let configuration = try load(config(user: "    token: wrong\n    tokenFile: tok"))
        #expect(try await identity(configuration).token?.text == "from-file")
    }

    @Test func takesCertificatesFromFilesBesideIt() async throws {
        try folder.write("admin.crt", "CERT")
        try folder.write("admin.key", "KEY")
        try folder.write("ca.crt", "CA")
        let configuration = try load(
            config(
                user: "    client-certificate: admin.crt\n    client-key: admin.key",
                cluster: "    certificate-authority: ca.crt"))
        let identity = try await identity(configuration)
        #expect(identity.certificate == "CERT")
        #expect(identity.key?.text == "KEY")
        #expect(try configuration.cluster.options(with: identity).certificateAuthority == "CA")
    }

    @Test func takesCertificatesThatAreWrittenOut() async throws {
        let encoded = Data("PEM".utf8).base64EncodedString()
        let configuration = try load(
            config(
                user: "    client-certificate-data: \(encoded)\n    client-key-data: \(encoded)",
                cluster: """
                        certificate-authority-data: \(encoded)
                        tls-server-name: kubernetes.default.svc
                        proxy-url: http://proxy.example:3128
                    """))
        let options = try configuration.cluster.options(with: try await identity(configuration))
        #expect(options.certificateAuthority == "PEM")
        #expect(options.clientKey == "PEM")
        #expect(options.serverName == "kubernetes.default.svc")
        #expect(options.proxyURL == "http://proxy.example:3128")
        #expect(!options.trustsAnyServer)
    }

    @Test func takesContextNamespaceAndWhomToActAs() async throws {
        let configuration = try load(
            config(
                user: "    token: t\n    as: somebody\n    as-groups: [g1, g2]",
                cluster: "    insecure-skip-tls-verify: true", context: "    namespace: models"))
        #expect(configuration.namespace == "models")
        #expect(configuration.cluster.trustsAnyServer)
        var fields = HTTPFields()
        try await identity(configuration).sign(&fields)
        #expect(fields["Authorization"] == "Bearer t")
        #expect(fields["Impersonate-User"] == "somebody")
        #expect(fields.values("Impersonate-Group") == ["g1", "g2"])
        #expect(try load(config(user: "    token: t"), namespace: "other").namespace == "other")
    }

    @Test func aServerMayHaveAPath() throws {
        let text = config(user: "    token: t").replacingOccurrences(
            of: "https://127.0.0.1:26443", with: "https://rancher.example/k8s/clusters/c-1/")
        let configuration = try load(text)
        #expect(configuration.cluster.server.origin == HTTPOrigin(scheme: .https, host: "rancher.example", port: 443))
        #expect(configuration.cluster.server.path == "/k8s/clusters/c-1")
    }

    @Test func ofSeveralFilesTheFirstCounts() async throws {
        try folder.write("one", config(user: "    token: first"))
        try folder.write(
            "two", config(user: "    token: second", context: "- name: more\n  context: {cluster: c1, user: u1}"))
        let list = "\(folder.path("absent")):\(folder.path("one")):\(folder.path("two"))"
        let configuration = try KubernetesConfiguration.load(
            kubeconfig: nil, context: "more", environment: ["KUBECONFIG": list])
        #expect(try await identity(configuration).token?.text == "first")
    }

    @Test(arguments: [
        ("    auth-provider: {name: gcp}", "auth-provider"), ("    username: a\n    password: b", "password"),
        ("    client-certificate: nowhere.crt", "nowhere.crt"),
        ("    client-key-data: '%%%'", "client-key-data"),
        ("    exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: x}", "apiVersion"),
        ("    exec: {apiVersion: client.authentication.k8s.io/v1, command: x, interactiveMode: Always}", "person"),
    ])
    func saysWhatCannotBeUsed(_ user: String, _ word: String) throws {
        let error = #expect(throws: KubernetesError.self) { try load(config(user: user)) }
        #expect(error?.message.contains(word) == true, "\(String(describing: error))")
    }

    @Test func saysWhichContextsThereAre() throws {
        let error = #expect(throws: KubernetesError.self) { try load(config(user: "    token: t"), context: "x") }
        #expect(error?.message.contains("ctx1") == true)
    }

    @Test func printsNoSecret() throws {
        let configuration = try load(config(user: "    token: hush-hush"))
        var dumped = ""
        dump(configuration, to: &dumped)
        #expect(!"\(configuration) \(dumped)".contains("hush"))
    }

    @Test func aPodFindsItsAccount() async throws {
        try folder.write("token", "pod-token\n")
        try folder.write("ca.crt", "CA")
        try folder.write("namespace", "models")
        let environment = ["KUBERNETES_SERVICE_HOST": "10.96.0.1", "KUBERNETES_SERVICE_PORT": "443"]
        let configuration = try KubernetesConfiguration.inCluster(
            environment: environment, folder: folder.path("."))
        #expect(configuration.namespace == "models")
        #expect(configuration.cluster.server.origin == HTTPOrigin(scheme: .https, host: "10.96.0.1", port: 443))
        #expect(try await identity(configuration).token?.text == "pod-token")
        #expect(throws: KubernetesError.self) {
            try KubernetesConfiguration.load(kubeconfig: "in-cluster", environment: [:])
        }
    }
}

import Domain
import Foundation
import HTTP
import JSON
import TestSupport
import Testing

@testable import Kubernetes

@Suite(.timeLimit(.minutes(2)))
struct CredentialPluginTests {
    private let folder = TemporaryFolder()
    private let cluster = Cluster(
        server: HTTPBaseURL(HTTPOrigin(scheme: .https, host: "cluster.example", port: 6443)))
    private let start = Timestamp(millisecondsSinceEpoch: 1_800_000_000_000)

    private func plugin(_ script: String, tellsCluster: Bool = false) throws -> CredentialPlugin {
        try folder.write("plugin.sh", "#!/bin/sh\necho run >> '\(folder.path("runs"))'\n\(script)\n")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path("plugin.sh"))
        return CredentialPlugin(
            PluginCommand(
                apiVersion: "client.authentication.k8s.io/v1", command: folder.path("plugin.sh"),
                arguments: ["get-token"], variables: ["DEMO": "1"], tellsCluster: tellsCluster,
                installHint: "install it first", environment: ["PATH": "/usr/bin:/bin", "SLIPWAY_ADMIN_KEY": "hush"]))
    }

    private func answer(_ status: String) -> String {
        #"echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":\#(status)}'"#
    }

    private var runs: Int {
        ((try? String(contentsOfFile: folder.path("runs"), encoding: .utf8)) ?? "").split(separator: "\n").count
    }

    @Test func keepsWhatItAnsweredUntilItExpires() async throws {
        let expiry = start + .seconds(100)
        let plugin = try plugin(answer(#"{"token":"t","expirationTimestamp":"\#(expiry)"}"#))
        #expect(try await plugin.credential(for: cluster, at: start).token?.text == "t")
        _ = try await plugin.credential(for: cluster, at: start + .seconds(60))
        #expect(runs == 1)
        _ = try await plugin.credential(for: cluster, at: start + .seconds(80))
        #expect(runs == 2)
        await plugin.renew()
        _ = try await plugin.credential(for: cluster, at: start)
        #expect(runs == 3)
    }

    @Test func manyCallsAtOnceAskOnce() async throws {
        let plugin = try plugin(answer(#"{"token":"t"}"#))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { _ = try await plugin.credential(for: cluster, at: start) } }
            try await group.waitForAll()
        }
        #expect(runs == 1)
    }

    @Test func isToldOfTheClusterAndOfNoSecret() async throws {
        let plugin = try plugin(
            """
            printf %s "$KUBERNETES_EXEC_INFO" > '\(folder.path("info"))'
            echo "$DEMO $1 $SLIPWAY_ADMIN_KEY" > '\(folder.path("seen"))'
            echo a warning >&2
            \(answer(#"{"clientCertificateData":"C","clientKeyData":"K"}"#))
            """, tellsCluster: true)
        let credential = try await plugin.credential(for: cluster, at: start)
        #expect(credential.certificate == "C")
        #expect(credential.key?.text == "K")
        let info = try JSONParser.parse(try String(contentsOfFile: folder.path("info"), encoding: .utf8))
        #expect(info["spec"]?["cluster"]?["server"] == "https://cluster.example:6443")
        #expect(info["spec"]?["interactive"] == false)
        #expect(try String(contentsOfFile: folder.path("seen"), encoding: .utf8) == "1 get-token \n")
    }

    @Test(arguments: [
        ("echo no such account >&2; exit 3", "no such account"), ("echo nonsense", "ExecCredential"),
        (#"echo '{"apiVersion":"v0","kind":"ExecCredential","status":{"token":"t"}}'"#, "answer in"),
        (#"echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{}}'"#, "neither"),
    ])
    func saysWhatWentWrong(_ script: String, _ words: String) async throws {
        let plugin = try plugin(script)
        let error = await #expect(throws: KubernetesError.self) {
            try await plugin.credential(for: cluster, at: start)
        }
        #expect(error?.message.contains(words) == true, "\(String(describing: error))")
    }
}

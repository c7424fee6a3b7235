import HTTP
import Observability
import Testing

@testable import LocalSidecar

@Suite struct SidecarOptionsTests {
    private func options(_ arguments: String..., environment: [String: String] = [:]) throws -> SidecarOptions {
        try SidecarOptions(flags: DaprdFlags(arguments), environment: environment)
    }

    @Test func takesTheFlagsOfAComposeFile() throws {
        let options = try options(
            "--app-id=model-serving", "--app-port=8080", "--dapr-http-port=3500", "--dapr-grpc-port=50001",
            "--dapr-internal-grpc-port=50002", "--dapr-listen-addresses=127.0.0.1", "--resources-path=/components",
            "--config=/configuration.yaml", "--max-body-size=16Mi", "--read-buffer-size=64Ki", "--log-as-json",
            environment: ["SLIPWAY_SIDECAR_PEERS": "model-management=models:50002,resource-management=resources:50002"])
        #expect(
            options.instances == [
                .init(appID: "model-serving", app: HTTPOrigin(host: "127.0.0.1", port: 8080), port: 3500)
            ])
        #expect(options.maximumBodyBytes == 16 << 20)
        #expect(options.readBufferBytes == 64 << 10)
        #expect(options.logFormat == .json)
        #expect(options.resourcePaths == ["/components"])
        #expect(options.configurationFiles == ["/configuration.yaml"])
        #expect(options.peerListener?.port == 50002)
        #expect(options.peers["model-management"] == HTTPOrigin(host: "models", port: 50002))
        #expect(options.flagsWithoutEffect == ["dapr-grpc-port"])
    }

    @Test func takesFlagsInEveryFormThatDaprdTakes() throws {
        let options = try options(
            "-app-id", "a", "--app-port", "1234", "--app-channel-address", "app", "--enable-app-health-check",
            "--app-health-probe-interval", "7", "--app-health-threshold=2", "--resources-path", "x",
            "--resources-path", "y", "--log-level", "warn", "--enable-metrics=false", "--mode", "standalone")
        #expect(options.instances.first?.app == HTTPOrigin(host: "app", port: 1234))
        #expect(
            options.healthCheck
                == .init(path: "/healthz", interval: .seconds(7), timeout: .milliseconds(500), threshold: 2))
        #expect(options.resourcePaths == ["x", "y"])
        #expect(options.logLevel == .warning)
        #expect(options.flagsWithoutEffect == ["enable-metrics", "mode"])
    }

    @Test func standsInForSeveralSidecars() throws {
        let options = try options("--app", "a=127.0.0.1:8080@3500", "--app=b=[::1]:8081@3501", "--app", "caller@3502")
        #expect(
            options.instances == [
                .init(appID: "a", app: HTTPOrigin(host: "127.0.0.1", port: 8080), port: 3500),
                .init(appID: "b", app: HTTPOrigin(host: "::1", port: 8081), port: 3501),
                .init(appID: "caller", app: nil, port: 3502),
            ])
    }

    @Test(arguments: [
        [], ["--app-id"], ["stray"], ["--app-id", "a", "--no-such-flag", "1"], ["--app-id", "a", "--app-port", "x"],
        ["--app-id", "a", "--app", "b@1"], ["--app", "b"], ["--app", "=h:1@2"], ["--app", "b=h@x"],
        ["--app-id", "a", "--max-body-size", "much"], ["--app-id", "a", "--log-level", "loud"],
        ["--app-id", "a", "--app-protocol", "grpc"], ["--app-id", "a", "--unix-domain-socket", "s"],
        ["--app-id", "a", "--dapr-http-port", "70000"],
    ])
    func refusesWhatNobodyCanRunWith(arguments: [String]) {
        #expect(throws: DaprdFlags.Failure.self) {
            try SidecarOptions(flags: DaprdFlags(arguments), environment: [:])
        }
    }

    @Test(
        arguments: [
            ("0", 0), ("4096", 4096), ("4Ki", 4096), ("16Mi", 16 << 20), ("1k", 1000), ("2G", 2_000_000_000), ("", nil),
            ("Mi", nil), ("4Kb", nil), ("-1", nil), ("9999999999999Gi", nil),
        ] as [(String, Int?)])
    func readsQuantities(text: String, expected: Int?) {
        #expect(ByteQuantity.parse(text) == expected)
    }
}

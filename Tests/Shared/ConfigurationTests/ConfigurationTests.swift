import Configuration
import Testing

struct ConfigurationTests {
    private enum Format: String, CaseIterable {
        case json, text
    }

    private func make(
        _ environment: [String: String] = [:], _ arguments: [String] = []
    ) throws(Configuration.Failure) -> Configuration {
        try Configuration(
            process: "model-serving",
            settings: [
                .init("SLIPWAY_PORT", default: "8080", "port to listen on"),
                .init("DAPR_HTTP_PORT", "the sidecar's port"),
                .init("SLIPWAY_ADMIN_KEY", isSecret: true, "admin key"),
                .init("SLIPWAY_LOG_FORMAT", default: "json", "form of the log"),
            ],
            environment: environment, arguments: arguments)
    }

    @Test func flagsWinOverTheEnvironmentWhichWinsOverTheDefault() throws {
        #expect(try make().port("SLIPWAY_PORT") == 8080)
        #expect(try make(["SLIPWAY_PORT": "1"]).port("SLIPWAY_PORT") == 1)
        #expect(try make(["SLIPWAY_PORT": "1"], ["--port", "2"]).port("SLIPWAY_PORT") == 2)
        #expect(try make([:], ["--dapr-http-port=3"]).port("DAPR_HTTP_PORT") == 3)
    }

    @Test(arguments: [["--prot", "1"], ["--port"], ["--admin-key", "x"], ["extra"]])
    func refuses(arguments: [String]) {
        #expect(throws: Configuration.Failure.self) { try make([:], arguments) }
    }

    @Test(arguments: ["", "x", "-1", "65536"]) func aPortIsANumber(text: String) throws {
        let configuration = try make(["SLIPWAY_PORT": text])
        #expect(throws: Configuration.Failure.self) { try configuration.port("SLIPWAY_PORT") }
    }

    @Test func namesTheChoices() throws {
        let configuration = try make(["SLIPWAY_LOG_FORMAT": "xml"])
        #expect(
            throws: Configuration.Failure.invalid("SLIPWAY_LOG_FORMAT is \"xml\"; it must be one of json, text")
        ) {
            try configuration.choice("SLIPWAY_LOG_FORMAT", Format.self)
        }
    }

    @Test func helpListsEverySettingAndNoSecretFlag() {
        let failure = #expect(throws: Configuration.Failure.self) { try make([:], ["--help"]) }
        let text = failure?.description ?? ""
        #expect(text.contains("--port VALUE"))
        #expect(text.contains("(default: 8080)"))
        #expect(text.contains("SLIPWAY_ADMIN_KEY"))
        #expect(!text.contains("--admin-key"))
    }
}

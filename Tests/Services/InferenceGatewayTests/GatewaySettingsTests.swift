import Authentication
import HTTP
import Testing

@testable import InferenceGateway

@Suite struct GatewaySettingsTests {
    private static let key = "a-key-of-enough-characters"

    private func settings(
        _ environment: [String: String] = [:], _ arguments: [String] = [], cores: Int = 4
    ) throws(GatewaySettings.Failure) -> GatewaySettings {
        try GatewaySettings(
            environment: environment.merging(["SLIPWAY_ADMIN_KEY": Self.key]) { given, _ in given },
            arguments: arguments, cores: cores)
    }

    @Test func whatIsNotSetHasTheDefaultsOfThePlatform() throws {
        let settings = try settings()
        #expect(settings.host == "127.0.0.1")
        #expect(settings.port == 8088)
        #expect(settings.adminPort == 8089)
        #expect(settings.modelServing == HTTPOrigin(host: "127.0.0.1", port: 8080))
        #expect(settings.dataDirectory == ".slipway")
        #expect(settings.loops == 4)
        #expect(settings.accessLogPercent == 0)
        #expect(settings.drain == .seconds(120))
        #expect(settings.engineDeadlines == Forwarder.deadlines)
    }

    @Test func durationsAreInSeconds() throws {
        let settings = try settings([
            "SLIPWAY_DRAIN_SECONDS": "7", "SLIPWAY_ENGINE_FIRST_BYTE_SECONDS": "8", "SLIPWAY_ENGINE_IDLE_SECONDS": "9",
        ])
        #expect(settings.drain == .seconds(7))
        #expect(settings.engineDeadlines.firstByte == .seconds(8))
        #expect(settings.engineDeadlines.idle == .seconds(9))
    }

    @Test func flagsWinOverTheEnvironment() throws {
        let settings = try settings(["SLIPWAY_PORT": "1", "SLIPWAY_LOOPS": "2"], ["--port", "3", "--host=::1"])
        #expect(settings.port == 3)
        #expect(settings.host == "::1")
        #expect(settings.loops == 2)
    }

    @Test(arguments: [
        (["SLIPWAY_ADMIN_KEY": ""], "no admin key"),
        (["SLIPWAY_ADMIN_KEY": "short"], "24"),
        (["SLIPWAY_GATEWAY_KEY": "short"], "the gateway key must have 24"),
        (["SLIPWAY_MODEL_SERVING_URL": "127.0.0.1:8080"], "SLIPWAY_MODEL_SERVING_URL"),
        (["SLIPWAY_MODEL_SERVING_URL": "http://127.0.0.1:8080/path"], "SLIPWAY_MODEL_SERVING_URL"),
        (["SLIPWAY_PORT": "70000"], "SLIPWAY_PORT"),
        (["SLIPWAY_LOOPS": "0"], "SLIPWAY_LOOPS"),
        (["SLIPWAY_ACCESS_LOG_PERCENT": "101"], "SLIPWAY_ACCESS_LOG_PERCENT"),
        (["SLIPWAY_DRAIN_SECONDS": "0"], "SLIPWAY_DRAIN_SECONDS"),
        (["SLIPWAY_LOG_LEVEL": "loud"], "SLIPWAY_LOG_LEVEL"),
    ])
    func doesNotStartWithASettingThatCannotBeMeant(environment: [String: String], word: String) {
        let failure = #expect(throws: GatewaySettings.Failure.self) { try settings(environment) }
        #expect(failure?.description.contains(word) == true)
        #expect(failure?.isHelp == false)
        #expect(failure?.description.contains(Self.key) == false)
    }

    @Test func showsModelServingItsOwnKeyIfItHasOne() throws {
        #expect(try settings().modelServingKey == Self.key)
        let own = try settings(["SLIPWAY_GATEWAY_KEY": "the-gateways-key-of-enough-characters"])
        #expect(own.modelServingKey == "the-gateways-key-of-enough-characters")
        #expect(own.adminKey.matches(Self.key))
    }

    @Test func neverTakesTheKeyFromTheCommandLine() {
        let failure = #expect(throws: GatewaySettings.Failure.self) { try settings([:], ["--admin-key", Self.key]) }
        #expect(failure?.isHelp == false)
    }

    @Test func helpIsAnAnswer() {
        let failure = #expect(throws: GatewaySettings.Failure.self) { try settings([:], ["--help"]) }
        #expect(failure?.isHelp == true)
        #expect(failure?.description.contains("--model-serving-url") == true)
    }
}

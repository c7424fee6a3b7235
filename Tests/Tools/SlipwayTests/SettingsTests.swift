import HTTP
import Testing

@testable import slipway

@Suite struct SettingsTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func settings(
        flags: [String: String] = [:], environment: [String: String] = [:]
    ) throws(CommandFailure) -> Settings {
        var arguments = ParsedArguments()
        for (name, value) in flags { arguments.set(flag: name, to: value) }
        return try Settings(arguments: arguments, environment: environment, workingFolder: folder.folder)
    }

    @Test func knowsTheDefaultAddresses() throws {
        let settings = try settings()
        #expect(
            Settings.Server.allCases.map { settings.origin(of: $0).port } == [8080, 8081, 8082, 8088])
    }

    @Test func prefersFlagsToTheEnvironmentToTheFile() throws {
        try folder.write(
            #"{"gateway_url": "http://a:1", "model_serving_url": "http://a:2", "model_management_url": "http://a:3"}"#,
            to: ".slipway/config.json")
        let settings = try settings(
            flags: ["gateway-url": "http://c:1"],
            environment: ["SLIPWAY_GATEWAY_URL": "http://b:1", "SLIPWAY_MODEL_SERVING_URL": "http://b:2"])
        #expect(settings.origin(of: .gateway) == HTTPOrigin(host: "c", port: 1))
        #expect(settings.origin(of: .modelServing) == HTTPOrigin(host: "b", port: 2))
        #expect(settings.origin(of: .modelManagement) == HTTPOrigin(host: "a", port: 3))
    }

    @Test func findsTheProjectFromAFolderInsideIt() throws {
        try folder.write(#"{"gateway_url": "http://a:1"}"#, to: ".slipway/config.json")
        try folder.write("", to: "deep/er/file")
        let settings = try Settings(
            arguments: ParsedArguments(), environment: [:], workingFolder: Folder(path: "\(folder.path)/deep/er"))
        #expect(settings.project.folder == folder.folder)
        #expect(settings.origin(of: .gateway).host == "a")
    }

    @Test(arguments: ["ftp://a", "a:1", "http://a/path", "http://"])
    func refusesWhatIsNoAddress(text: String) {
        let failure = #expect(throws: CommandFailure.self) { try settings(environment: ["SLIPWAY_GATEWAY_URL": text]) }
        #expect(failure?.status == .usage)
        #expect(failure?.message.hasPrefix("SLIPWAY_GATEWAY_URL is \"\(text)\"") == true)
    }

    @Test func readsTheAdminKeyFromTheFileThatTheProjectNames() throws {
        try folder.write(#"{"admin_key_file": ".slipway/admin.key"}"#, to: ".slipway/config.json")
        try folder.write("secret\n", to: ".slipway/admin.key")
        #expect(try settings().credential() == "secret")
        #expect(try settings(environment: ["SLIPWAY_ADMIN_KEY": "mine"]).credential() == "mine")
    }

    @Test func prefersTheUsersOwnKeyToTheAdminKey() throws {
        try folder.write("of-the-file\n", to: "key")
        try folder.write("of-the-flag", to: "other")
        let environment = ["SLIPWAY_ADMIN_KEY": "admin", "SLIPWAY_KEY_FILE": "key"]
        #expect(try settings(environment: environment).credential() == "of-the-file")
        let own = environment.merging(["SLIPWAY_KEY": "slk_mine"]) { $1 }
        #expect(try settings(environment: own).credential() == "slk_mine")
        #expect(try settings(flags: ["key-file": "other"], environment: own).credential() == "of-the-flag")
        #expect(try settings(flags: ["admin-key-file": "other"], environment: own).credential() == "of-the-flag")
        #expect(try settings(environment: ["SLIPWAY_KEY": "", "SLIPWAY_ADMIN_KEY": "admin"]).credential() == "admin")
    }

    @Test func saysHowToGetAKey() throws {
        let settings = try settings()
        let failure = #expect(throws: CommandFailure.self) { try settings.credential() }
        #expect(failure?.status == .notAllowed)
        #expect(failure?.hints.count == 2)
    }

    @Test func saysWhereTheProjectFileIsBroken() throws {
        try folder.write("{", to: ".slipway/config.json")
        let failure = #expect(throws: CommandFailure.self) { try settings() }
        #expect(failure?.message.contains("config.json is not valid JSON") == true)
    }

    @Test func writesSecretsForTheOwnerOnly() throws {
        try LocalFile.write("secret", to: "\(folder.path)/.slipway/admin.key", isSecret: true)
        #expect(folder.permissions(".slipway/admin.key") == 0o600)
        #expect(folder.permissions(".slipway") == 0o700)
        try LocalFile.write("other", to: "\(folder.path)/.slipway/admin.key", isSecret: true)
        #expect(folder.read(".slipway/admin.key") == "other")
    }
}

import Domain
import HTTP
import JSON

/// Where the platform answers and with which key: from flags, the environment, the project's file and the defaults,
/// in this order.
struct Settings: Sendable {
    /// A server of the platform that this program talks to.
    enum Server: String, CaseIterable, Sendable {
        case modelServing = "model-serving"
        case modelManagement = "model-management"
        case resourceManagement = "resource-management"
        case gateway

        /// `--model-serving-url`
        var flag: String { "\(rawValue)-url" }
        /// `SLIPWAY_MODEL_SERVING_URL`
        var variable: String { "SLIPWAY_" + flag.uppercased().map { $0 == "-" ? "_" : String($0) }.joined() }
        /// `model_serving_url`
        var member: String { flag.map { $0 == "-" ? "_" : String($0) }.joined() }

        var defaultPort: UInt16 {
            switch self {
            case .modelServing: 8080
            case .modelManagement: 8081
            case .resourceManagement: 8082
            case .gateway: 8088
            }
        }
    }

    static let flags: [Command.Flag] =
        Server.allCases.map {
            Command.Flag($0.flag, value: "URL", "where the \($0.rawValue) server answers [\($0.variable)]")
        } + [
            Command.Flag("admin-key-file", value: "FILE", "file with the admin API key [SLIPWAY_ADMIN_KEY_FILE]"),
            Command.Flag("project", value: "DIR", "the project's folder, else the nearest above this one"),
        ]

    let project: ProjectDirectory
    private let origins: [Server: HTTPOrigin]
    private let adminKeyText: String?
    private let adminKeyFile: String?

    init(
        arguments: ParsedArguments, environment: [String: String], workingFolder here: Folder
    ) throws(CommandFailure) {
        project =
            arguments.string("project").map { ProjectDirectory(folder: Folder(path: here.resolve($0))) }
            ?? .nearest(to: here)
        let file = try Self.read(project.configurationFile)
        var origins: [Server: HTTPOrigin] = [:]
        for server in Server.allCases {
            let sources = [
                ("--\(server.flag)", arguments.string(server.flag)), (server.variable, environment[server.variable]),
                ("\(server.member) in \(project.configurationFile)", file[server.member]),
            ]
            guard let (source, text) = sources.first(where: { $0.1 != nil }), let text else {
                origins[server] = HTTPOrigin(host: "127.0.0.1", port: server.defaultPort)
                continue
            }
            guard let origin = HTTPOrigin(text) else {
                throw CommandFailure(
                    .usage, "\(source) is \"\(text)\"; it must be a URL without a path, as http://127.0.0.1:8080.")
            }
            origins[server] = origin
        }
        self.origins = origins
        adminKeyText = environment["SLIPWAY_ADMIN_KEY"].flatMap { $0.isEmpty ? nil : $0 }
        adminKeyFile =
            arguments.string("admin-key-file").map(here.resolve)
            ?? environment["SLIPWAY_ADMIN_KEY_FILE"].map(here.resolve)
            ?? file["admin_key_file"].map(project.folder.resolve)
    }

    func origin(of server: Server) -> HTTPOrigin {
        origins[server] ?? HTTPOrigin(host: "127.0.0.1", port: server.defaultPort)
    }

    /// The admin key. Read anew at each call: `slipway dev` may have made it meanwhile.
    func adminKey() throws(CommandFailure) -> String {
        if let adminKeyText { return adminKeyText }
        if let adminKeyFile {
            let text = try LocalFile.text(adminKeyFile).filter { !$0.isWhitespace }
            guard !text.isEmpty else { throw CommandFailure(.notAllowed, "\(adminKeyFile) is empty.") }
            return text
        }
        throw CommandFailure(
            .notAllowed, "There is no admin key.",
            hints: [
                "In a project folder, slipway dev makes one.",
                "Elsewhere, set SLIPWAY_ADMIN_KEY_FILE, or pass --admin-key-file FILE.",
            ])
    }

    private static func read(_ path: String) throws(CommandFailure) -> [String: String] {
        guard let text = try LocalFile.textIfPresent(path) else { return [:] }
        do throws(JSONError) {
            let members = try JSONParser.parse(text).objectValue?.members ?? []
            return Dictionary(
                members.compactMap { member in member.value.stringValue.map { (member.name, $0) } },
                uniquingKeysWith: { first, _ in first })
        } catch {
            throw CommandFailure(.usage, "\(path) is not valid JSON: \(error.message) at byte \(error.offset).")
        }
    }
}

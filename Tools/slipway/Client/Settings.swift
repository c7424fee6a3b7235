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
            Command.Flag("key-file", value: "FILE", "file with an API key or a token of yours [SLIPWAY_KEY_FILE]"),
            Command.Flag("admin-key-file", value: "FILE", "file with the admin key [SLIPWAY_ADMIN_KEY_FILE]"),
            Command.Flag("project", value: "DIR", "the project's folder, else the nearest above this one"),
        ]

    let project: ProjectDirectory
    private let origins: [Server: HTTPOrigin]
    /// The first that there is.
    private let key: KeySource?

    private enum KeySource: Sendable {
        /// A secret.
        case text(String)
        case file(String)
    }

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
        let projectFolder = project.folder
        func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        let sources: [KeySource?] = [
            (arguments.string("key-file") ?? arguments.string("admin-key-file")).map { .file(here.resolve($0)) },
            variable("SLIPWAY_KEY").map { .text($0) }, variable("SLIPWAY_KEY_FILE").map { .file(here.resolve($0)) },
            variable("SLIPWAY_ADMIN_KEY").map { .text($0) },
            variable("SLIPWAY_ADMIN_KEY_FILE").map { .file(here.resolve($0)) },
            file["admin_key_file"].map { .file(projectFolder.resolve($0)) },
        ]
        key = sources.compactMap(\.self).first
    }

    func origin(of server: Server) -> HTTPOrigin {
        origins[server] ?? HTTPOrigin(host: "127.0.0.1", port: server.defaultPort)
    }

    /// What shows the servers who asks: an API key, a token of the issuer, or the admin key. Read anew at each call:
    /// `slipway dev` may have made it meanwhile.
    func credential() throws(CommandFailure) -> String {
        switch key {
        case .text(let text): return text
        case .file(let path):
            let text = try LocalFile.text(path).filter { !$0.isWhitespace }
            guard !text.isEmpty else { throw CommandFailure(.notAllowed, "\(path) is empty.") }
            return text
        case nil:
            throw CommandFailure(
                .notAllowed, "There is no key to show who you are.",
                hints: [
                    "In a project folder, slipway dev makes an admin key.",
                    "Elsewhere, set SLIPWAY_KEY_FILE, or pass --key-file FILE.",
                ])
        }
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

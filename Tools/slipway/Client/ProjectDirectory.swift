/// The folder of a project that keeps what belongs to this machine: addresses, the admin key, logs and data.
struct ProjectDirectory: Hashable, Sendable {
    /// The name of the folder that holds the local files.
    static let localFolder = ".slipway"

    let folder: Folder

    /// The nearest folder, from `start` upwards, in which `slipway dev` has run; `start` itself if there is none.
    static func nearest(to start: Folder) -> ProjectDirectory {
        var path = start.path
        while !path.isEmpty {
            let candidate = ProjectDirectory(folder: Folder(path: path))
            if LocalFile.exists(candidate.configurationFile) { return candidate }
            path = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
        }
        return ProjectDirectory(folder: start)
    }

    var localPath: String { "\(folder.path)/\(Self.localFolder)" }
    var configurationFile: String { "\(localPath)/config.json" }
    var adminKeyFile: String { "\(localPath)/admin.key" }
    var gatewayKeyFile: String { "\(localPath)/gateway.key" }
    var lockFile: String { "\(localPath)/dev.lock" }
    var logFolder: String { "\(localPath)/logs" }

    /// Where the endpoint token of a service is kept after this program has made one.
    func tokenFile(service: String) -> String { "\(localPath)/tokens/\(service)" }
}

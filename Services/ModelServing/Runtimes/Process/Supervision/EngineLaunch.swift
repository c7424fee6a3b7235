import Domain
import FoundationEssentials
import HTTP
import ModelFiles
import ModelServingCore
import Subprocess

/// Gets one engine started: its folder, the actions before the start, the start itself.
struct EngineLaunch: Sendable {
    /// What engines get of this process's environment; anything else, and every secret, stays here.
    static let inheritedVariables = [
        "PATH", "HOME", "USER", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "SSL_CERT_FILE", "SSL_CERT_DIR",
        "CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES", "OMP_NUM_THREADS", "HF_HOME", "HF_HUB_OFFLINE",
        "VLLM_CPU_KVCACHE_SPACE", "VLLM_NO_USAGE_STATS", "VLLM_CACHE_ROOT",
    ]
    static let defaultPath = "/usr/local/bin:/usr/bin:/bin"
    /// No core dumps, which hold weights and prompts; many connections.
    static let limits: [SpawnRequest.Limit] = [.coreBytes(0), .openFiles(65_536)]
    static let actionDeadline: Duration = .seconds(600)
    static let actionGrace: Duration = .seconds(2)

    let deployment: Deployment
    let definition: ModelDefinition
    let folder: InstanceFolder
    let marker: EngineMarker
    /// Which try this is; another for each.
    let id: String
    /// Of this process.
    let environment: [String: String]
    /// What engines should listen on.
    let host: String

    /// Starts the engine on `port`, with the model linked into its folder.
    ///
    /// Two processes may do so at the same time, if one of them was held up and lost the instance to the other. Each
    /// looks around after the start: the oldest engine stays, and any other is ended by whoever started it.
    /// - Returns: the engine that stays.
    func start(_ model: CachedModel, port: UInt16) async throws(Failure) -> EngineMarker.Engine {
        try folder.prepare(id)
        var placeholders = try link(model)
        placeholders["port"] = String(port)
        for (index, action) in definition.preStartActions.enumerated() {
            try await perform(action, number: index + 1, &placeholders)
        }
        guard !Task.isCancelled else { throw Failure(.internalFault, "the start was given up") }
        // Whoever was held up here long enough for another to start the engine has nothing left to do.
        if let running = marker.engines(of: deployment.instanceID).first { return running }
        if definition.builtIn != nil { folder.log.append("\(EngineProgress.startMark)\(id)\n") }
        let process = try spawn(definition.startCommand, role: EngineMarker.engineRole, placeholders)
        guard let oldest = marker.engine(of: deployment.instanceID, olderThan: process) else {
            return EngineMarker.Engine(process: process, port: port)
        }
        await end(process)
        return oldest
    }

    /// Ends what came of this try, because an older engine of the instance stays. Nothing happens if `process` came of
    /// another try.
    func end(_ process: ProcessIdentity) async {
        guard ProcessTable.variable(EngineMarker.launch, of: process.pid) == id else { return }
        _ = await marker.family(ofLaunch: id, of: deployment.instanceID, leader: process).end(grace: .zero)
        InstanceFolder.delete(work)
    }

    private var work: String { folder.work(id) }

    private func link(_ model: CachedModel) throws(Failure) -> Placeholders {
        let folder = FolderPath(definition.modelPath).path(in: work)
        let name = Self.fileName(of: deployment.model.fileURL)
        let link = "\(folder)/\(name)"
        var modelFolder = folder
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: model.file)
            if let content = model.folder {
                modelFolder = "\(folder)/\(Self.folderName(of: name))"
                try FileManager.default.createSymbolicLink(atPath: modelFolder, withDestinationPath: content)
            }
        } catch {
            throw Failure(.storageFailed, "cannot link the model file to \(link): \(error)")
        }
        return Placeholders([
            "host": host, "model_file": link, "model_path": modelFolder, "model_name": definition.name,
            "service_name": deployment.serviceName.description, "instance_id": deployment.instanceID.description,
        ])
    }

    /// The last part of the URL's path, as far as it can be a file's name.
    static func fileName(of url: String) -> String {
        let path = url.prefix { $0 != "?" && $0 != "#" }
        let last = path.split(separator: "/").last.flatMap { PercentEncoding.decode($0) } ?? ""
        let isName = !last.isEmpty && last != "." && last != ".." && !last.contains("/") && last.utf8.count <= 255
        return isName && !last.utf8.contains(0) ? last : "model"
    }

    private static func folderName(of archive: String) -> String {
        let name = ModelArchive.nameWithoutEnding(archive)
        // ".tar" and the like: the archive itself has the name then.
        return name.isEmpty || name == archive ? "model-folder" : name
    }

    private func perform(
        _ action: PreStartAction, number: Int, _ placeholders: inout Placeholders
    ) async throws(Failure) {
        switch action {
        case .writeFile(let path, let body, let mode, let append):
            try write(body, to: FolderPath(path).path(in: work), mode: mode, append: append, number)
        case .writeTemporaryFile(let body, let mode):
            let path = "\(work)/.action-\(number).py"
            try write(body, to: path, mode: mode, append: false, number)
            placeholders["tempfile"] = path
        case .makeDirectory(let path):
            do {
                try FileManager.default.createDirectory(
                    atPath: FolderPath(path).path(in: work), withIntermediateDirectories: true)
            } catch {
                throw Failure(.preStartActionFailed, "action \(number), mkdir \(path): \(error)")
            }
        case .log(let message, let debug): folder.log.append("\(debug ? "debug: " : "")\(message)\n")
        case .runCommand(let command): try await run(command, number, placeholders)
        }
    }

    private func write(
        _ body: String, to path: String, mode: Int, append: Bool, _ number: Int
    ) throws(Failure) {
        do {
            let parent = URL(filePath: path).deletingLastPathComponent().path
            try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
            let former = append ? FileManager.default.contents(atPath: path) ?? Data() : Data()
            try (former + Data(body.utf8)).write(to: URL(filePath: path))
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        } catch {
            throw Failure(.preStartActionFailed, "action \(number), write_file \(path): \(error)")
        }
    }

    private func run(_ command: [String], _ number: Int, _ placeholders: Placeholders) async throws(Failure) {
        let process: ProcessIdentity
        do throws(Failure) {
            process = try spawn(command, role: EngineMarker.actionRole, placeholders)
        } catch {
            throw Failure(.preStartActionFailed, "action \(number), run_command: \(error.message)")
        }
        let status = await withTaskGroup(of: ProcessExit.Status?.self) { group in
            group.addTask { try? await ProcessExit.wait(for: process) }
            group.addTask {
                try? await Task.sleep(for: Self.actionDeadline)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
        guard status == .code(0) else {
            _ = await marker.family(ofLaunch: id, of: deployment.instanceID, leader: process).end(
                grace: Self.actionGrace)
            let end = status.map { "ended with \($0)" } ?? "did not end within \(Self.actionDeadline)"
            throw Failure(
                .preStartActionFailed,
                "action \(number), run_command \(command.first ?? ""), \(end)\(lastWords(of: folder.log))")
        }
    }

    private func spawn(
        _ command: [String], role: String, _ placeholders: Placeholders
    ) throws(Failure) -> ProcessIdentity {
        let request = SpawnRequest(
            arguments: placeholders.expand(command), environment: variables(role, placeholders),
            workingDirectory: work, outputFile: folder.log.path, limits: Self.limits)
        do throws(SpawnFailure) {
            return try request.spawn()
        } catch {
            let message = "\(error)"
            switch error {
            case .commandNotFound: throw Failure(.commandNotFound, message)
            case .notExecutable: throw Failure(.startRefused, message)
            case .workingDirectory, .outputFile: throw Failure(.storageFailed, message)
            case .failed: throw Failure(.internalFault, message)
            }
        }
    }

    private func variables(_ role: String, _ placeholders: Placeholders) -> [String: String] {
        var variables = environment.filter { Self.inheritedVariables.contains($0.key) }
        if variables["PATH"]?.isEmpty != false { variables["PATH"] = Self.defaultPath }
        // What an engine prints should be in its log at once, not when a buffer is full.
        variables["PYTHONUNBUFFERED"] = "1"
        variables["HOST"] = placeholders["host"]
        variables["PORT"] = placeholders["port"]
        variables["MODEL_FILE"] = placeholders["model_file"]
        variables["MODEL_PATH"] = placeholders["model_path"]
        for (name, value) in definition.environment { variables[name] = placeholders.expand(value) }
        variables[EngineMarker.instance] = deployment.instanceID.description
        variables[EngineMarker.installation] = marker.dataFolder
        variables[EngineMarker.launch] = id
        variables[EngineMarker.launcher] = EngineMarker.ownLauncher
        variables[EngineMarker.role] = role
        return variables
    }
}

/// The end of a log, for a message about why something ended.
func lastWords(of log: OutputFile) -> String {
    let lines = log.lastLines(20).filter { $0.contains { !$0.isWhitespace } }.suffix(3)
    return lines.isEmpty ? "" : "; its last words: " + lines.map { String($0.prefix(300)) }.joined(separator: " | ")
}

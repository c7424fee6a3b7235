import Cryptography
import HTTP
import JSON

/// Registers a model file: makes the model if its name is new, adds a version unless there is one that says the same.
///
/// Doing it twice has the effect of doing it once.
struct ModelRegistration: Sendable {
    struct Request: Hashable, Sendable {
        var name: String
        var description: String?
        /// `file:///…`, `http://…` or `https://…`.
        var fileURL: String
        var sha256: String
        var sizeBytes: Int64?
        var format: String?
        /// The definition file's text.
        var definition: String?
    }

    struct Result: Sendable {
        let modelID: String
        let version: Int64
        let isNew: Bool
        let name: String

        var document: JSONValue {
            [
                "model_id": .string(modelID), "name": .string(name), "version": .integer(version),
                "created": .bool(isNew),
            ]
        }

        var sentence: String {
            isNew
                ? "Registered \(name) version \(version)."
                : "\(name) version \(version) is this file already; nothing was changed."
        }
    }

    let client: PlatformClient

    func register(_ request: Request) async throws(CommandFailure) -> Result {
        let id = try await modelID(request)
        if let version = try await sameVersion(as: request, of: id) {
            return Result(modelID: id, version: version, isNew: false, name: request.name)
        }
        var body = JSONObject([
            ("model_file_url", .string(request.fileURL)), ("sha256", .string(request.sha256)),
        ])
        body["size_bytes"] = request.sizeBytes.map { .integer($0) }
        body["format"] = request.format.map { .string($0) }
        body["model_definition"] = request.definition.map { .string($0) }
        let answer = try await client.call(
            .post, "/models/\(id)/versions", of: .modelManagement, body: .object(body), fields: idempotencyKey())
        guard let version = answer.body["version"]?.integerValue else {
            throw CommandFailure(.failed, "model-management did not say which version it made.")
        }
        return Result(modelID: id, version: version, isNew: true, name: request.name)
    }

    private func modelID(_ request: Request) async throws(CommandFailure) -> String {
        var body = JSONObject([("name", .string(request.name))])
        body["description"] = request.description.map { .string($0) }
        let failure: CommandFailure
        do throws(CommandFailure) {
            let answer = try await client.call(
                .post, "/models", of: .modelManagement, body: .object(body), fields: idempotencyKey())
            guard let id = answer.body["id"]?.stringValue else {
                throw CommandFailure(.failed, "model-management did not say which model it made.")
            }
            return id
        } catch {
            failure = error
        }
        guard failure.status == .conflict,
            let model = try await client.find(named: request.name, in: "/models", "models", of: .modelManagement),
            let id = model["id"]?.stringValue
        else { throw failure }
        return id
    }

    /// The newest version with this file and this definition.
    private func sameVersion(
        as request: Request, of id: String
    ) async throws(CommandFailure) -> Int64? {
        let versions = try await client.list("/models/\(id)/versions", "versions", of: .modelManagement)
        for version in versions.reversed() where version["sha256"]?.stringValue == request.sha256 {
            guard version["model_file_url"]?.stringValue == request.fileURL,
                let number = version["version"]?.integerValue
            else { continue }
            // A listing leaves the definitions out.
            let whole = try await client.call(.get, "/models/\(id)/versions/\(number)", of: .modelManagement).body
            if whole["model_definition"]?.stringValue == request.definition { return number }
        }
        return nil
    }
}

/// A header that lets a server tell a repeated request from a second one.
func idempotencyKey() -> HTTPFields {
    ["Idempotency-Key": SecureRandom.base64URL(byteCount: 18)]
}

extension ModelRegistration.Request {
    init(_ invocation: Invocation) throws(CommandFailure) {
        let arguments = invocation.arguments
        let file = arguments.argument("FILE")
        guard let name = arguments.string("name") else {
            throw CommandFailure(.usage, "--name NAME is missing: under which name to register the model.")
        }
        self.name = name
        description = arguments.string("description")
        definition = nil
        if let path = arguments.string("definition") {
            definition = try LocalFile.text(invocation.workingFolder.resolve(path))
        }
        let ending = file.split(separator: "/").last?.split(separator: ".").dropFirst().last.map(String.init)
        format = arguments.string("format") ?? ending
        if file.hasPrefix("http://") || file.hasPrefix("https://") {
            guard let digest = arguments.string("sha256") else {
                throw CommandFailure(
                    .usage, "--sha256 DIGEST is missing.",
                    hints: ["The file is not on this machine, so its digest must be given."])
            }
            fileURL = file
            sha256 = digest.lowercased()
            sizeBytes = nil
        } else {
            let path = invocation.workingFolder.resolve(
                file.hasPrefix("file://") ? String(file.dropFirst("file://".count)) : file)
            let digest = try FileDigest.of(path)
            if let expected = arguments.string("sha256")?.lowercased(), expected != digest.sha256 {
                throw CommandFailure(
                    .conflict, "\(path) is not the file that --sha256 describes.",
                    hints: ["given: \(expected)", "file:  \(digest.sha256)"])
            }
            fileURL = "file://" + PercentEncoding.encodePath(path)
            sha256 = digest.sha256
            sizeBytes = digest.sizeBytes
        }
    }
}

extension PercentEncoding {
    /// Encodes each segment of a path, and keeps its slashes.
    static func encodePath(_ path: String) -> String {
        path.split(separator: "/", omittingEmptySubsequences: false).map { encode($0) }.joined(separator: "/")
    }
}

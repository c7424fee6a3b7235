import HTTP
import JSON

/// The endpoint tokens that this program has made for its own questions, one file for each service.
struct EndpointTokenStore: Sendable {
    let client: PlatformClient
    let terminal: any Terminal

    /// Nil if none was made, or the name cannot be a file's.
    func kept(for service: String) throws(CommandFailure) -> String? {
        guard isFileName(service) else { return nil }
        let file = client.settings.project.tokenFile(service: service)
        return try LocalFile.textIfPresent(file)?.filter { !$0.isWhitespace }
    }

    /// Makes a token unless one is kept.
    func ensure(for service: String) async throws(CommandFailure) {
        if try kept(for: service) == nil { _ = try await make(for: service) }
    }

    /// Removes the kept token from this machine; it stays good.
    func forget(_ service: String) throws(CommandFailure) {
        guard try kept(for: service) != nil else { return }
        try LocalFile.remove(client.settings.project.tokenFile(service: service))
    }

    /// Makes a token with the admin key, and keeps it.
    func make(for service: String) async throws(CommandFailure) -> String {
        let id = try await client.serviceID(service)
        let document = try await client.createToken(serviceID: id, name: "slipway")
        guard let token = document["token"]?.stringValue else {
            throw CommandFailure(.failed, "model-serving made a token and did not show it.")
        }
        if isFileName(service) {
            let file = client.settings.project.tokenFile(service: service)
            try LocalFile.write(token + "\n", to: file, isSecret: true)
            terminal.noteLine("Made an endpoint token for \(service); it is kept in \(file).")
        }
        return token
    }

    private func isFileName(_ name: String) -> Bool {
        !name.isEmpty && !name.hasPrefix(".") && !name.contains("/")
    }
}

import FoundationEssentials

/// A folder of one test's own, gone with it.
final class ScratchFolder: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path() + "subprocess-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    func text(_ name: String) -> String {
        FileManager.default.contents(atPath: file(name)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    /// Returns the text when there is any that ends a line.
    func awaitLine(_ name: String) async throws -> String {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            let text = text(name)
            if text.hasSuffix("\n") { return text }
            try await Task.sleep(for: .milliseconds(5))
        }
        throw Timeout(waitingFor: name)
    }

    struct Timeout: Error { let waitingFor: String }
}

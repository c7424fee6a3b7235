import Foundation
import TestSupport

/// Arms the failpoints of ModelServing's debug build: named places at which it stops until the test lets it go on.
struct Failpoints: Sendable {
    static let deadline: Duration = .seconds(60)

    let folder: String

    init(folder: String) throws {
        self.folder = folder
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    struct NeverReached: Error, CustomStringConvertible {
        let name: String

        var description: String { "the failpoint \(name) was not reached within \(deadline)" }
    }

    func arm(_ name: String) throws { try Data().write(to: URL(filePath: "\(folder)/\(name)")) }

    /// Returns when ModelServing has come to the failpoint and waits there.
    func reached(_ name: String) async throws {
        let clock = ContinuousClock()
        let end = clock.now + Self.deadline
        while !FileManager.default.fileExists(atPath: "\(folder)/\(name).reached") {
            guard clock.now < end else { throw NeverReached(name: name) }
            try await clock.sleep(for: .milliseconds(2))
        }
    }

    /// Lets whoever waits go on, and nobody stop there any more.
    func disarm(_ name: String) {
        try? FileManager.default.removeItem(atPath: "\(folder)/\(name)")
        try? FileManager.default.removeItem(atPath: "\(folder)/\(name).reached")
    }
}

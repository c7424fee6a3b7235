import Foundation

/// A folder that goes with its owner.
package final class TemporaryFolder: Sendable {
    private let root = FileManager.default.temporaryDirectory.appendingPathComponent("sidecar-\(UUID())").path

    package init() {}

    deinit { try? FileManager.default.removeItem(atPath: root) }

    package func path(_ name: String) -> String { "\(root)/\(name)" }

    package func write(_ name: String, _ text: String) throws {
        let path = path(name)
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try text.write(toFile: path, atomically: false, encoding: .utf8)
    }
}

import Foundation

/// The package's targets, as the package manager reads them from `Package.swift`.
struct Manifest: Sendable, Decodable {
    struct Target: Sendable {
        enum Kind: String, Sendable, Decodable {
            case regular, executable, test, system, plugin, macro, binary
        }

        let name: String
        let kind: Kind
        /// From the repository's root.
        let path: String
        let dependencies: [String]
    }

    let targets: [Target]

    func target(_ name: String) -> Target? { targets.first { $0.name == name } }

    /// The target that a source file belongs to.
    func target(holding path: String) -> Target? {
        targets.filter { path.hasPrefix("\($0.path)/") }.max { $0.path.count < $1.path.count }
    }

    var cModules: Set<String> { Set(targets.filter { $0.kind == .system }.map(\.name)) }

    /// Read once for all tests.
    static let current = Result { try read() }

    /// Asks the package manager, in a scratch folder of its own: the build's is locked while tests run.
    private static func read() throws -> Manifest {
        let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("manifest-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: scratch) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "swift", "package", "--package-path", Repository.root, "--scratch-path", scratch.path, "dump-package",
        ]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return try JSONDecoder().decode(Manifest.self, from: data)
    }
}

extension Manifest.Target: Decodable {
    private enum CodingKeys: String, CodingKey {
        case name, path, dependencies
        case kind = "type"
    }

    /// A dependency is written as `{"byName": ["Domain", null]}`.
    private struct Dependency: Decodable {
        let name: String

        init(from decoder: any Decoder) throws {
            let forms = try decoder.singleValueContainer().decode([String: [String?]].self)
            name = forms.values.first?.first.flatMap(\.self) ?? ""
        }
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        name = try container.decode(String.self, forKey: .name)
        kind = try container.decode(Kind.self, forKey: .kind)
        path = try container.decode(String.self, forKey: .path)
        dependencies = try container.decode([Dependency].self, forKey: .dependencies).map(\.name)
    }
}

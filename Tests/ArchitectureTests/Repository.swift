import FoundationEssentials

/// The repository that these tests were built from.
enum Repository {
    static let root: String = {
        let file = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        return file.dropLast(3).joined(separator: "/")
    }()

    /// Every text file that people maintain.
    static let files: [SourceFile] = {
        var files: [SourceFile] = []
        collect("", into: &files)
        return files.sorted { $0.path < $1.path }
    }()

    static let swiftFiles = files.filter(\.isSwift)

    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: "\(root)/\(path)")
    }

    static func file(_ path: String) -> SourceFile? {
        files.first { $0.path == path }
    }

    private static let textSuffixes = [
        ".swift", ".md", ".yaml", ".yml", ".json", ".sh", ".py", ".h", ".modulemap", ".conf", ".csv",
    ]
    /// Where files without an ending are scripts.
    private static let scriptFolders: Set<String> = ["scripts", "scripts/compose", ".ci", "demo", "deploy/image"]
    private static let plainNames: Set<String> = ["Makefile", ".ci", "Dockerfile", ".gitignore", ".dockerignore"]

    /// Hidden folders are build products and local state, but for the one that holds what continuous integration runs.
    private static func collect(_ folder: String, into files: inout [SourceFile]) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(root)/\(folder)")) ?? []
        for name in names where !name.hasPrefix(".") || plainNames.contains(name) {
            let path = folder.isEmpty ? name : "\(folder)/\(name)"
            var isDirectory = false
            guard FileManager.default.fileExists(atPath: "\(root)/\(path)", isDirectory: &isDirectory) else { continue }
            if isDirectory {
                collect(path, into: &files)
            } else if isText(name, in: folder), let data = FileManager.default.contents(atPath: "\(root)/\(path)"),
                let text = String(validating: data, as: UTF8.self)
            {
                files.append(SourceFile(path: path, text: text))
            }
        }
    }

    private static func isText(_ name: String, in folder: String) -> Bool {
        plainNames.contains(name) || scriptFolders.contains(folder) || textSuffixes.contains { name.hasSuffix($0) }
    }
}

import FoundationEssentials

/// A folder that came out of an archive.
struct UnpackedFolder: Hashable, Sendable {
    static let maximumDepth = 64

    let path: String

    /// The folder itself, or the one in it if there is nothing else: archives are packed both ways.
    var content: String {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        // macOS keeps attributes of each file in another beside it.
        let names = all.filter { !$0.hasPrefix("._") }
        guard let only = names.first, names.count == 1, kind(of: "\(path)/\(only)") == .typeDirectory else {
            return path
        }
        return "\(path)/\(only)"
    }

    /// Gives everything in it the permissions that it needs, and finds what should not be in it: a link that leads out
    /// of it above all.
    /// - Returns: what is wrong, as the end of a sentence.
    func settle(for readers: ModelFileCache.Readers) async -> String? {
        let (folderMode, fileMode) = readers == .owner ? (0o700, 0o600) : (0o755, 0o644)
        let root = URL(filePath: path).resolvingSymlinksInPath().path
        var open = [(path: path, depth: 0)]
        while let folder = open.popLast() {
            await Task.yield()
            guard folder.depth < Self.maximumDepth, setMode(folderMode, of: folder.path),
                let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
            else { return "holds a folder that cannot be read: \(relative(folder.path))" }
            for name in names {
                let entry = "\(folder.path)/\(name)"
                switch kind(of: entry) {
                case .typeRegular:
                    guard setMode(fileMode, of: entry) else {
                        return "holds a file that is not ours: \(relative(entry))"
                    }
                case .typeDirectory: open.append((entry, folder.depth + 1))
                case .typeSymbolicLink:
                    if let problem = problem(withLink: entry, root: root) { return problem }
                default: return "holds something other than files, folders and links: \(relative(entry))"
                }
            }
        }
        return nil
    }

    private func problem(withLink link: String, root: String) -> String? {
        let target = (try? FileManager.default.destinationOfSymbolicLink(atPath: link)) ?? ""
        guard !target.isEmpty, !target.hasPrefix("/"), FileManager.default.fileExists(atPath: link) else {
            return "holds a link that leads nowhere in it: \(relative(link)) to \(target)"
        }
        let resolved = URL(filePath: link).resolvingSymlinksInPath().path
        guard resolved == root || resolved.hasPrefix(root + "/") else {
            return "holds a link that leads out of it: \(relative(link)) to \(target)"
        }
        return nil
    }

    private func setMode(_ mode: Int, of path: String) -> Bool {
        (try? FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)) != nil
    }

    private func kind(of path: String) -> FileAttributeType? {
        (try? FileManager.default.attributesOfItem(atPath: path))?[.type] as? FileAttributeType
    }

    private func relative(_ entry: String) -> String { String(entry.dropFirst(path.count + 1).prefix(200)) }
}

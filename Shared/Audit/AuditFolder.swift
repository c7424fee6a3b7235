import FoundationEssentials
import Subprocess

/// Where one chain lies: its files, each named by the number of its first line, and its head.
struct AuditFolder: Hashable, Sendable {
    static let ending = ".jsonl"
    /// Digits of a number in a file's name, so that names sort as numbers do.
    private static let digits = 20
    /// Folders below the one in which chains are looked for.
    static let maximumDepth = 4

    let path: String

    init(_ path: String) { self.path = path }

    /// How long the chain is, so that lines cut from its end are missed.
    var headPath: String { "\(path)/head" }
    var lockPath: String { "\(path)/lock" }

    func filePath(from sequence: Int64) -> String {
        let number = String(sequence)
        return
            "\(path)/\(String(repeating: "0", count: max(0, Self.digits - number.utf8.count)))\(number)\(Self.ending)"
    }

    /// Ascending by the numbers of their lines.
    func files() -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.filter(Self.isFile).sorted().map { "\(path)/\($0)" }
    }

    /// Other programs keep lines of JSON too, and engines may do so in folders of ours.
    private static func isFile(_ name: String) -> Bool {
        name.utf8.count == digits + ending.utf8.count && name.hasSuffix(ending)
            && name.utf8.prefix(digits).allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    /// The folders that hold a chain: `path` itself, or some below it, in the order of their names.
    static func chains(in path: String, depth: Int = maximumDepth) -> [String] {
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
        if names.contains(where: isFile) { return [path] }
        guard depth > 0 else { return [] }
        return names.flatMap { chains(in: "\(path)/\($0)", depth: depth - 1) }
    }

    /// Makes it, open to nobody else.
    func make() throws(AuditFailure) {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw AuditFailure("the folder \(path) cannot be made")
        }
    }

    /// Nil if there is none, or it cannot be read for one.
    func head() -> AuditPosition? {
        guard let reader = FileReader(headPath), let bytes = try? reader.next(limitBytes: 1024) else { return nil }
        return AuditPosition(String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self).trimmed)
    }

    /// Always of the same length.
    static func head(_ position: AuditPosition) -> [UInt8] {
        let number = String(position.sequence)
        let padding = String(repeating: " ", count: max(0, digits - number.utf8.count))
        return Array("\(padding)\(position)\n".utf8)
    }
}

/// Why an audit log cannot be kept, or read.
public struct AuditFailure: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}

extension String {
    fileprivate var trimmed: Substring { drop { $0 == " " } }
}

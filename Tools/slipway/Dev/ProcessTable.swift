import FoundationEssentials

/// What the kernel tells of the processes of this machine, under `/proc`.
struct ProcessTable: Sendable {
    /// Where the table is read from; tests bring their own.
    let root: String

    init(root: String = "/proc") { self.root = root }

    /// The ids of all processes, unsorted.
    var ids: [Int32] {
        ((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []).compactMap { Int32($0) }
    }

    /// When a process began, in clock ticks since the machine did: with the id, this tells one process from a later
    /// one of the same id. Nil if there is none.
    func startTicks(of id: Int32) -> UInt64? {
        // The name, in parentheses, may hold anything: fields are counted from behind it.
        guard let text = text("\(id)/stat"), let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        return fields.count > 19 ? UInt64(fields[19]) : nil
    }

    /// Whether the process has ended, but nobody has asked how.
    func isZombie(_ id: Int32) -> Bool {
        guard let text = text("\(id)/stat"), let end = text.lastIndex(of: ")") else { return false }
        return text[text.index(after: end)...].split(separator: " ").first == "Z"
    }

    func name(of id: Int32) -> String? {
        text("\(id)/comm")?.split(separator: "\n").first.map(String.init)
    }

    /// Empty if the process is gone, or another user's.
    func environment(of id: Int32) -> [String: String] {
        let pairs = (text("\(id)/environ") ?? "").split(separator: "\0").compactMap { entry -> (String, String)? in
            let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
        }
        return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
    }

    /// The process that listens on a TCP port: nil if none does. Its id and name are nil if it is another user's.
    func listener(on port: UInt16) -> Listener? {
        let inodes = ["net/tcp", "net/tcp6"].compactMap(text).flatMap { Self.listeningInodes(in: $0, port: port) }
        guard !inodes.isEmpty else { return nil }
        let sockets = Set(inodes.map { "socket:[\($0)]" })
        for id in ids {
            let folder = "\(root)/\(id)/fd"
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            let holds = names.contains { name in
                (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(name)")).map(sockets.contains)
                    ?? false
            }
            if holds { return Listener(id: id, name: name(of: id)) }
        }
        return Listener(id: nil, name: nil)
    }

    struct Listener: Hashable, Sendable, CustomStringConvertible {
        let id: Int32?
        let name: String?

        var description: String {
            guard let id else { return "a process of another user" }
            return name.map { "\($0) (process \(id))" } ?? "process \(id)"
        }
    }

    /// Rows look like `0: 0100007F:1F90 00000000:0000 0A … inode …`; state 0A is LISTEN.
    private static func listeningInodes(in table: String, port: UInt16) -> [Substring] {
        table.split(separator: "\n").dropFirst().compactMap { row in
            let fields = row.split(separator: " ")
            guard fields.count > 9, fields[3] == "0A", let colon = fields[1].lastIndex(of: ":"),
                UInt16(fields[1][fields[1].index(after: colon)...], radix: 16) == port
            else { return nil }
            return fields[9]
        }
    }

    private func text(_ file: String) -> String? {
        FileManager.default.contents(atPath: "\(root)/\(file)").map { String(decoding: $0, as: UTF8.self) }
    }
}

import FoundationEssentials
import Subprocess

/// Who listens on the TCP ports of this machine, as the kernel tells it under `/proc`.
struct ListeningPorts: Sendable {
    struct Listener: Hashable, Sendable, CustomStringConvertible {
        /// Nil if the process is another user's.
        let pid: Int32?
        let name: String?

        var description: String {
            guard let pid else { return "a process of another user" }
            return name.map { "\($0) (process \(pid))" } ?? "process \(pid)"
        }
    }

    /// Bytes read of a table: some hundred thousand connections.
    static let maximumTableSize = 64 << 20

    /// Where the tables are read from; tests bring their own.
    private let root: String

    init(root: String = "/proc") { self.root = root }

    /// Nil if nobody listens on the port, on whatever address.
    func listener(on port: UInt16) -> Listener? {
        let tables = ["net/tcp", "net/tcp6"].compactMap(text)
        let sockets = Set(tables.flatMap { Self.inodes(in: $0, port: port) }.map { "socket:[\($0)]" })
        guard !sockets.isEmpty else { return nil }
        let pids = names(in: "").compactMap { Int32($0) }
        guard let pid = pids.first(where: { holds(sockets, $0) }) else { return Listener(pid: nil, name: nil) }
        let name = text("\(pid)/comm")?.split(separator: "\n").first.map(String.init)
        return Listener(pid: pid, name: name)
    }

    private func holds(_ sockets: Set<String>, _ pid: Int32) -> Bool {
        names(in: "\(pid)/fd").contains { name in
            let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(root)/\(pid)/fd/\(name)")
            return link.map(sockets.contains) ?? false
        }
    }

    /// Rows look like `0: 0100007F:1F90 00000000:0000 0A … inode …`; the state 0A is LISTEN.
    private static func inodes(in table: String, port: UInt16) -> [Substring] {
        table.split(separator: "\n").dropFirst().compactMap { row in
            let fields = row.split(separator: " ")
            guard fields.count > 9, fields[3] == "0A", let digits = fields[1].split(separator: ":").last,
                UInt16(digits, radix: 16) == port
            else { return nil }
            return fields[9]
        }
    }

    private func names(in folder: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: "\(root)/\(folder)")) ?? []
    }

    /// The kernel hands a table out page by page and tells no size: it is read until there is no more.
    private func text(_ file: String) -> String? {
        guard let reader = FileReader("\(root)/\(file)") else { return nil }
        var bytes: [UInt8] = []
        while bytes.count < Self.maximumTableSize {
            guard let piece = try? reader.next(limitBytes: 1 << 16), !piece.isEmpty else { break }
            bytes += piece
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

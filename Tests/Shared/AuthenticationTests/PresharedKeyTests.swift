import Authentication
import FoundationEssentials
import Testing

struct PresharedKeyTests {
    static let good = "0123456789abcdef0123456789abcdef"

    @Test func matchesItselfOnly() throws {
        let key = try PresharedKey(Self.good, of: .admin)
        #expect(key.matches(Self.good))
        for other in ["", String(Self.good.dropLast()), Self.good + "0", Self.good.uppercased(), " " + Self.good] {
            #expect(!key.matches(other), "\(other)")
        }
    }

    @Test(arguments: [
        "", "short", String(repeating: "a", count: PresharedKey.minimumLength - 1),
        String(repeating: "a", count: PresharedKey.maximumLength + 1), "0123456789abcdef 0123456789abcdef",
        "0123456789abcdef\n0123456789abcdef", "0123456789abcdefé0123456789abcdef",
    ])
    func refusesAWeakOrUnsendableKey(key: String) {
        #expect(throws: PresharedKey.Failure.self) { try PresharedKey(key, of: .admin) }
    }

    @Test func neverShowsTheKey() throws {
        let key = try PresharedKey(Self.good, of: .admin)
        var dumped = ""
        dump(key, to: &dumped)
        #expect(!"\(key)\(String(reflecting: key))\(dumped)".contains(Self.good))
    }

    @Test(arguments: [0o600, 0o400])
    func readsAFileThatOnlyItsOwnerReads(mode: Int) throws {
        try withFile(Self.good + "\n", mode: mode) { path in
            let key = try PresharedKey.load(key: nil, file: path, of: .admin)
            #expect(key.matches(Self.good))
        }
    }

    @Test(arguments: [0o644, 0o640, 0o604, 0o660, 0o666, 0o700, 0o000])
    func refusesAFileThatOthersMayRead(mode: Int) throws {
        try withFile(Self.good, mode: mode) { path in
            #expect(throws: PresharedKey.Failure.self) { _ = try PresharedKey.load(key: nil, file: path, of: .admin) }
        }
    }

    @Test func saysHowToMendAnOpenFile() throws {
        try withFile(Self.good, mode: 0o644) { path in
            let error = try #require(throws: PresharedKey.Failure.self) {
                try PresharedKey.load(key: nil, file: path, of: .admin)
            }
            #expect(error.description.contains("chmod 600 \(path)"))
            #expect(error.description.contains("0644"))
        }
    }

    @Test func judgesTheFileBehindALink() throws {
        try withFile(Self.good, mode: 0o600) { path in
            let link = path + ".link"
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
            #expect(try PresharedKey.load(key: nil, file: link, of: .admin).matches(Self.good))
        }
    }

    @Test func wantsExactlyOneSource() {
        #expect(throws: PresharedKey.Failure.self) { try PresharedKey.load(key: nil, file: nil, of: .admin) }
        #expect(throws: PresharedKey.Failure.self) { try PresharedKey.load(key: Self.good, file: "key", of: .admin) }
        #expect(throws: PresharedKey.Failure.self) { try PresharedKey.load(key: nil, file: "no-such-file", of: .admin) }
    }

    private func withFile(_ text: String, mode: Int, _ body: (String) throws -> Void) throws {
        let manager = FileManager.default
        let folder = manager.temporaryDirectory.appending(path: "admin-key-\(UUID().uuidString)")
        try manager.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? manager.removeItem(at: folder) }
        let path = folder.appending(path: "key of admin").path(percentEncoded: false)
        try Data(text.utf8).write(to: URL(filePath: path))
        try manager.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        try body(path)
    }
}

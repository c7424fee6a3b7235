/// What `tar --list --verbose` says about an archive, checked before anything of it is written.
struct ArchiveListing: Hashable, Sendable {
    static let maximumEntries = 100_000

    private(set) var totalBytes = 0
    private(set) var entries = 0
    /// Why the archive is not unpacked, as the end of a sentence; nil if nothing speaks against it.
    private(set) var problem: String?

    init(_ lines: [String], limitBytes: Int) {
        for line in lines where !line.isEmpty {
            problem = add(line, limitBytes: limitBytes)
            if problem != nil { return }
        }
        if entries == 0 { problem = "holds nothing" }
    }

    private mutating func add(_ line: String, limitBytes: Int) -> String? {
        // Its own words, not an entry.
        if line.hasPrefix("tar: ") { return "is not what it should be: \(line.dropFirst(5).prefix(200))" }
        let words = line.split(separator: " ", maxSplits: 5)
        guard words.count == 6, let kind = line.first else { return "lists \"\(line.prefix(200))\"" }
        switch kind {
        case "-", "d", "l", "h": break
        default: return "holds something other than files, folders and links: \(words[5])"
        }
        guard let size = Int(words[2]), size >= 0 else { return "lists \"\(line.prefix(200))\"" }
        entries += 1
        guard entries <= Self.maximumEntries else { return "holds more than \(Self.maximumEntries) entries" }
        totalBytes = totalBytes.addingReportingOverflow(size).overflow ? .max : totalBytes + size
        guard totalBytes <= limitBytes else { return "unpacks to more than the \(limitBytes) bytes that are allowed" }
        return nil
    }
}

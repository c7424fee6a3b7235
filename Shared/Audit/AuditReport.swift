/// What became of a chain since it was written.
public struct AuditReport: Hashable, Sendable {
    /// Findings that are kept; the others are counted.
    public static let maximumFindings = 1000

    /// Something that is not as it was written.
    public struct Finding: Hashable, Sendable {
        public let file: String
        /// From 1; nil if it is about the file, or the whole chain.
        public let line: Int?
        public let reason: String

        public init(file: String, line: Int? = nil, reason: String) {
            self.file = file
            self.line = line
            self.reason = reason
        }
    }

    public internal(set) var files = 0
    public internal(set) var lines = 0
    /// The last line: keep it elsewhere, and a later verification can be held to it.
    public internal(set) var last = AuditPosition.start
    public internal(set) var findings: [Finding] = []
    public internal(set) var findingCount = 0
    /// Changes without an outcome: the process ended in between, or has not come to it yet.
    public internal(set) var openChanges = 0
    /// Pieces of lines that were cut off after a crash. Nothing is missing because of them.
    public internal(set) var mended = 0

    public var isWhole: Bool { findingCount == 0 }

    mutating func add(_ finding: Finding) {
        findingCount += 1
        if findings.count < Self.maximumFindings { findings.append(finding) }
    }
}

extension AuditReport {
    /// The folders that hold a chain: `path` itself, or some below it.
    public static func chains(in path: String) -> [String] { AuditFolder.chains(in: path) }
}

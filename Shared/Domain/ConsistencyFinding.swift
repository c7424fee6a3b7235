/// Something in the state that breaks an invariant.
public struct ConsistencyFinding: Hashable, Sendable {
    /// Which invariant, in snake_case, out of a fixed set: it labels a metric. `index_without_record`.
    public let kind: String
    /// What it is about, as it is called in the store: `model:0192…`.
    public let subject: String
    /// What was found, and what was or is to be done, for those who run the system.
    public let message: String
    /// Whether it has been mended.
    public let isRepaired: Bool

    public init(kind: String, subject: String, message: String, isRepaired: Bool = false) {
        self.kind = kind
        self.subject = subject
        self.message = message
        self.isRepaired = isRepaired
    }

    /// The same finding after its repair.
    public var repaired: Self { Self(kind: kind, subject: subject, message: message, isRepaired: true) }
}

/// What a check found, and how much it looked at.
public struct ConsistencyReport: Hashable, Sendable {
    /// Findings kept at most; the rest is only known to exist. Mending them and checking again shows it.
    public static let maximumFindings = 1000

    public private(set) var findings: [ConsistencyFinding] = []
    /// How many of each kind of thing were looked at: `models`.
    public private(set) var checked: [String: Int] = [:]
    /// Whether findings were left out.
    public private(set) var isTruncated = false

    public init() {}

    /// Does nothing without a finding, or with one that was made before: the same thing may be seen from two sides.
    public mutating func add(_ finding: ConsistencyFinding?) {
        guard let finding, !findings.contains(where: { $0.kind == finding.kind && $0.subject == finding.subject })
        else { return }
        guard findings.count < Self.maximumFindings else {
            isTruncated = true
            return
        }
        findings.append(finding)
    }

    public mutating func count(_ count: Int, _ things: String) { checked[things, default: 0] += count }

    public mutating func merge(_ other: Self) {
        for finding in other.findings { add(finding) }
        checked.merge(other.checked) { $0 + $1 }
        isTruncated = isTruncated || other.isTruncated
    }
}

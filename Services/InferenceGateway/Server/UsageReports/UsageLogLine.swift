import Contracts
import Domain
import FoundationEssentials
import InferenceGatewayCore

/// A line of the write-ahead file. The first is the state of a ledger, the others are what happened to it since.
enum UsageLogLine: Hashable, Sendable {
    case state(UsageLedger)
    case entry(UsageLedger.Entry)

    static let schemaVersion = 1

    private struct Document: Codable {
        var schemaVersion: Int?
        var incarnation: String?
        var sequence: Int64?
        var waiting: [UsageReport.Instance]?
        var batch: [UsageReport.Instance]?
        var settled: Int64?

        enum CodingKeys: String, CodingKey {
            case incarnation, sequence, waiting, batch, settled
            case schemaVersion = "schema_version"
        }
    }

    /// Nil for a line that is none, as a crash leaves behind at the end.
    init?(_ bytes: some Collection<UInt8>) {
        guard let document = try? JSONDecoder().decode(Document.self, from: Data(bytes)) else { return nil }
        if let incarnation = document.incarnation {
            guard document.schemaVersion == Self.schemaVersion, let sequence = document.sequence else { return nil }
            self = .state(
                UsageLedger(
                    incarnation: incarnation, sequence: sequence, waiting: Self.counts(document.waiting ?? []),
                    underway: document.batch.map { .init(sequence: sequence, counts: Self.counts($0)) }))
        } else if let batch = document.batch, let sequence = document.sequence {
            self = .entry(.batched(.init(sequence: sequence, counts: Self.counts(batch))))
        } else if let settled = document.settled {
            self = .entry(.settled(sequence: settled))
        } else if let waiting = document.waiting {
            self = .entry(.counted(Self.counts(waiting)))
        } else {
            return nil
        }
    }

    /// With its line feed.
    var bytes: [UInt8] {
        get throws {
            var document = Document()
            switch self {
            case .state(let ledger):
                document.schemaVersion = Self.schemaVersion
                document.incarnation = ledger.incarnation
                document.sequence = ledger.sequence
                document.waiting = Self.instances(ledger.waiting)
                document.batch = ledger.underway.map { Self.instances($0.counts) }
            case .entry(.counted(let counts)): document.waiting = Self.instances(counts)
            case .entry(.batched(let batch)):
                document.sequence = batch.sequence
                document.batch = Self.instances(batch.counts)
            case .entry(.settled(let sequence)): document.settled = sequence
            }
            return Array(try JSONEncoder().encode(document)) + [UInt8(ascii: "\n")]
        }
    }

    static func instances(_ counts: UsageLedger.Counts) -> [UsageReport.Instance] {
        counts.sorted { $0.key < $1.key }.map { UsageReport.Instance(id: $0.key, counts: $0.value) }
    }

    private static func counts(_ instances: [UsageReport.Instance]) -> UsageLedger.Counts {
        Dictionary(instances.map { ($0.id, $0.counts) }) { $0 + $1 }
    }
}

import Domain

/// What has been counted and not yet been taken by ModelServing. Pure: a write-ahead file of its entries, replayed in
/// order, makes the same ledger again.
///
/// Counts wait until they become part of a batch, whose number and content never change from then on: it can be sent
/// as often as need be. One batch is on its way at a time. What waits is merged, so that it grows with the number of
/// instances and not with time.
public struct UsageLedger: Hashable, Sendable {
    public typealias Counts = [ModelServiceInstanceID: UsageCounts]

    public struct Batch: Hashable, Sendable {
        public let sequence: Int64
        public let counts: Counts

        public init(sequence: Int64, counts: Counts) {
            self.sequence = sequence
            self.counts = counts
        }
    }

    public enum Entry: Hashable, Sendable {
        case counted(Counts)
        /// Takes all that waits of its instances.
        case batched(Batch)
        /// ModelServing has the batch of this number.
        case settled(sequence: Int64)
    }

    /// Another for each write-ahead file: numbers count from 1 in it.
    public let incarnation: String
    /// The number of the last batch.
    public private(set) var sequence: Int64
    public private(set) var waiting: Counts
    public private(set) var underway: Batch?

    public init(incarnation: String, sequence: Int64 = 0, waiting: Counts = [:], underway: Batch? = nil) {
        self.incarnation = incarnation
        self.sequence = sequence
        self.waiting = waiting
        self.underway = underway
    }

    public var isEmpty: Bool { waiting.isEmpty && underway == nil }

    /// Requests that ModelServing does not know of, as far as this side can tell.
    public var unreportedRequests: Int64 {
        waiting.values.reduce(0) { $0 + $1.requests } + (underway?.counts.values.reduce(0) { $0 + $1.requests } ?? 0)
    }

    /// The batch to make next; nil while one is underway, and if nothing waits.
    public func nextBatch(maximumInstances: Int) -> Batch? {
        guard underway == nil, !waiting.isEmpty else { return nil }
        guard waiting.count > maximumInstances else { return Batch(sequence: sequence + 1, counts: waiting) }
        let ids = waiting.keys.sorted().prefix(maximumInstances)
        return Batch(sequence: sequence + 1, counts: waiting.filter { ids.contains($0.key) })
    }

    public mutating func apply(_ entry: Entry) {
        switch entry {
        case .counted(let counts): waiting.merge(counts) { $0 + $1 }
        case .batched(let batch):
            sequence = batch.sequence
            underway = batch
            for id in batch.counts.keys { waiting[id] = nil }
        case .settled(let sequence):
            if underway?.sequence == sequence { underway = nil }
        }
    }
}

import Dapr
import Domain
import Synchronization

/// Lets changes of the same records that wait at the same time go in one transaction, so that many writers cost
/// little more than one.
///
/// Whoever gets the lane takes all that is waiting along. A request must be idempotent: if the one who took it along
/// is cancelled, it is applied again by another. If a batch fails in a way that may be the fault of one request in it,
/// or of its size, each of them goes alone.
public final class GroupCommit<Request: Sendable, Answer: Sendable>: Sendable {
    /// Requests in one transaction at most, if none needs many operations.
    public static var maximumBatch: Int { 64 }

    /// One outcome for each request, in order. What it throws befalls all of them, or each alone.
    public typealias Apply = @Sendable ([Request]) async throws(ServiceError) -> [Result<Answer, ServiceError>]

    private struct Waiting {
        let ticket: UInt64
        let request: Request
    }

    private struct State {
        var lastTicket: UInt64 = 0
        /// In the order of their arrival.
        var waiting: [Waiting] = []
        /// Those whose caller is still there, and what became of them once it is known.
        var outcomes: [UInt64: Result<Answer, ServiceError>?] = [:]
        /// Those that were in a batch which failed.
        var alone: Set<UInt64> = []
    }

    private let state = Mutex(State())
    private let records: RecordStore
    private let lane: String
    private let batchSize: Int
    private let apply: Apply

    /// - Parameters:
    ///   - lane: held while `apply` runs; other writers of the same records take it too.
    ///   - operations: that one request may need in the transaction, so that all of a batch fit in.
    public init(_ records: RecordStore, lane: String, operations: Int, apply: @escaping Apply) {
        self.records = records
        self.lane = lane
        batchSize = max(1, min(Self.maximumBatch, StateLimits.maximumOperations / max(1, operations)))
        self.apply = apply
    }

    /// Waits until the request has been applied, by this task or by another.
    public func submit(_ request: Request) async throws(ServiceError) -> Answer {
        let ticket = enter(request)
        defer { forget(ticket) }
        do throws(ServiceError) {
            return try await records.lanes.withTurn([lane]) { () async throws(ServiceError) -> Answer in
                try await answer(request, ticket)
            }
        } catch {
            // The turn may not have come in time, and the request been taken along by another all the same.
            if let outcome = outcome(of: ticket) { return try outcome.get() }
            throw error
        }
    }

    /// In the lane: what is known already, or the outcome of a batch with this request in it.
    private func answer(_ request: Request, _ ticket: UInt64) async throws(ServiceError) -> Answer {
        if let outcome = outcome(of: ticket) { return try outcome.get() }
        let batch = takeBatch(with: Waiting(ticket: ticket, request: request))
        let outcomes: [Result<Answer, ServiceError>]
        do throws(ServiceError) {
            outcomes = try await apply(batch.map(\.request))
        } catch {
            if Task.isCancelled {
                putBack(batch.filter { $0.ticket != ticket })
            } else if batch.count > 1, error.mayNotBefallOneAlone {
                putBack(batch, alone: true)
                return try await answer(request, ticket)
            } else {
                settle(batch, batch.map { _ in .failure(error) })
            }
            throw error
        }
        guard outcomes.count == batch.count, let own = batch.firstIndex(where: { $0.ticket == ticket }) else {
            throw .internalFault(detail: "\(batch.count) requests in \(lane) got \(outcomes.count) outcomes")
        }
        settle(batch, outcomes)
        return try outcomes[own].get()
    }

    private func enter(_ request: Request) -> UInt64 {
        state.withLock { state in
            state.lastTicket += 1
            state.waiting.append(Waiting(ticket: state.lastTicket, request: request))
            state.outcomes[state.lastTicket] = .some(nil)
            return state.lastTicket
        }
    }

    private func outcome(of ticket: UInt64) -> Result<Answer, ServiceError>? {
        state.withLock { $0.outcomes[ticket] ?? nil }
    }

    /// The oldest, and this one among them in any case.
    private func takeBatch(with own: Waiting) -> [Waiting] {
        state.withLock { state in
            let isAlone = state.alone.contains(own.ticket)
            var batch =
                isAlone
                ? [own] : Array(state.waiting.filter { !state.alone.contains($0.ticket) }.prefix(batchSize))
            if !batch.contains(where: { $0.ticket == own.ticket }) {
                if batch.count == batchSize { batch.removeLast() }
                batch.append(own)
            }
            let taken = Set(batch.map(\.ticket))
            state.waiting.removeAll { taken.contains($0.ticket) }
            return batch
        }
    }

    private func putBack(_ batch: [Waiting], alone: Bool = false) {
        state.withLock { state in
            let present = batch.filter { state.outcomes[$0.ticket] != nil }
            state.waiting = present + state.waiting
            if alone { state.alone.formUnion(present.map(\.ticket)) }
        }
    }

    private func settle(_ batch: [Waiting], _ outcomes: [Result<Answer, ServiceError>]) {
        state.withLock { state in
            for (waiting, outcome) in zip(batch, outcomes) where state.outcomes[waiting.ticket] != nil {
                state.outcomes[waiting.ticket] = .some(outcome)
            }
        }
    }

    private func forget(_ ticket: UInt64) {
        state.withLock { state in
            state.outcomes[ticket] = nil
            state.alone.remove(ticket)
            state.waiting.removeAll { $0.ticket == ticket }
        }
    }
}

extension ServiceError {
    /// Whether a request of the batch may fare better alone: one of them may be at fault, or the batch took so long
    /// that a quicker replica always came between.
    fileprivate var mayNotBefallOneAlone: Bool {
        switch self {
        case .unavailable, .deadlineExceeded, .rateLimited: false
        case .unsupportedContent, .tooLarge, .internalFault, .invalid, .unauthenticated, .permissionDenied, .notFound,
            .conflict, .preconditionFailed, .unprocessable:
            true
        }
    }
}

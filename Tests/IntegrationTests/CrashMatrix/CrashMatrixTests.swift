import Foundation
import Synchronization
import TestSupport
import Testing

/// Every process, killed with SIGKILL exactly before and exactly after every step of provisioning and deletion.
///
/// `make test` kills ModelServing, the process whose steps these are; `make crash-matrix` kills each of them, and names
/// a file for the report in `SLIPWAY_CRASH_MATRIX`.
@Suite(.serialized, .timeLimit(.minutes(60)))
struct CrashMatrixTests {
    private static let report = ProcessInfo.processInfo.environment["SLIPWAY_CRASH_MATRIX"]
    /// Words of the cells that are wanted: `after enter-running`.
    private static let only = ProcessInfo.processInfo.environment["SLIPWAY_CRASH_CELLS"] ?? ""

    /// Each cell waits more than it works.
    private static let stacks = 2

    @Test func settlesWhicheverProcessIsKilledAtWhicheverStep() async throws {
        let victims = Self.report == nil ? [.serving] : CrashCell.Victim.allCases
        let report = Mutex(CrashReport(victims: victims))
        let cells = CrashCell.all(victims).filter { Self.only.isEmpty || $0.description.contains(Self.only) }
        try await Self.onSeveralStacks(cells) { cell, matrix in
            do {
                try await matrix.run(cell)
                report.withLock { $0.note(cell, failure: nil) }
                return true
            } catch {
                Issue.record("\(cell): \(error)\n\(matrix.scenario.stack.log(of: .serving))")
                report.withLock { $0.note(cell, failure: "\(error)") }
                return false
            }
        }
        let text = report.withLock { $0.text }
        if let path = Self.report { try text.write(toFile: path, atomically: true, encoding: .utf8) }
    }

    @Test func deletesAServiceInEveryPhase() async throws {
        let phases = CrashCell.steps.filter { $0.job == .provisioning }.flatMap { step in
            CrashCell.Moment.allCases.map { (step, $0) }
        }
        try await Self.onSeveralStacks(phases) { phase, matrix in
            let (step, moment) = phase
            do {
                try await matrix.deleteAt(moment, step)
                return true
            } catch {
                Issue.record("deleted \(moment) \(step.name): \(error)")
                return false
            }
        }
    }

    /// Does all the work, one piece after the other on each stack. After a piece that fails, which leaves who knows
    /// what behind, the next one begins on a stack of its own.
    /// - Parameter run: whether it went well.
    private static func onSeveralStacks<Piece: Sendable>(
        _ work: [Piece], run: @escaping @Sendable (Piece, CrashMatrix) async -> Bool
    ) async throws {
        let rest = Pieces(work)
        try await withThrowingTaskGroup { group in
            for _ in 0..<min(stacks, work.count) {
                group.addTask {
                    while let first = rest.next() {
                        try await onOneStack { matrix in
                            var piece = first
                            while await run(piece, matrix) {
                                guard let next = rest.next() else { return }
                                piece = next
                            }
                            await matrix.scenario.endEngines()
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private static func onOneStack(_ body: (CrashMatrix) async throws -> Void) async throws {
        let database = try OwnPostgreSQL()
        try await ServingScenario.run(database: database) { scenario in
            try await body(
                CrashMatrix(
                    scenario: scenario, database: database, model: try await scenario.model(scenario.definition())))
        }
    }
}

/// What several take their work from.
private final class Pieces<Piece: Sendable>: Sendable {
    private let rest: Mutex<ArraySlice<Piece>>

    init(_ all: [Piece]) { rest = Mutex(all[...]) }

    func next() -> Piece? { rest.withLock { $0.popFirst() } }
}

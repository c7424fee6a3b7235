import Foundation
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

    @Test func settlesWhicheverProcessIsKilledAtWhicheverStep() async throws {
        let victims = Self.report == nil ? [.serving] : CrashCell.Victim.allCases
        var report = CrashReport(victims: victims)
        var rest = CrashCell.all(victims).filter { Self.only.isEmpty || $0.description.contains(Self.only) }[...]
        while !rest.isEmpty {
            let database = try OwnPostgreSQL()
            // A cell that fails leaves who knows what behind: the next one begins on a stack of its own.
            try await ServingScenario.run(database: database) { scenario in
                let matrix = CrashMatrix(
                    scenario: scenario, database: database, model: try await scenario.model(scenario.definition()))
                while let cell = rest.popFirst() {
                    do {
                        try await matrix.run(cell)
                        report.note(cell, failure: nil)
                    } catch {
                        Issue.record("\(cell): \(error)\n\(scenario.stack.log(of: .serving))")
                        report.note(cell, failure: "\(error)")
                        await scenario.endEngines()
                        return
                    }
                }
            }
        }
        if let path = Self.report { try report.text.write(toFile: path, atomically: true, encoding: .utf8) }
    }

    @Test func deletesAServiceInEveryPhase() async throws {
        let database = try OwnPostgreSQL()
        try await ServingScenario.run(database: database) { scenario in
            let matrix = CrashMatrix(
                scenario: scenario, database: database, model: try await scenario.model(scenario.definition()))
            for step in CrashCell.steps where step.job == .provisioning {
                for moment in CrashCell.Moment.allCases {
                    do {
                        try await matrix.deleteAt(moment, step)
                    } catch {
                        Issue.record("deleted \(moment) \(step.name): \(error)")
                        return
                    }
                }
            }
        }
    }
}

import Lifecycle
import ModelServingCore

/// The reconciliation, as long as the process lives, and the leases that say of what.
struct ReconciliationTask: BackgroundTask {
    let name = "reconciliation"
    let loop: ReconciliationLoop
    let leases: LeaseKeeper

    /// The leases are kept until the last look is over, and then given back.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await leases.run() }
            await loop.run()
            group.cancelAll()
        }
        await leases.leave()
    }

    func shutDown() async { await loop.shutDown() }
}

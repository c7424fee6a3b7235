import Lifecycle
import ModelServingCore
import ProcessRuntime

/// The reconciliation, as long as the process lives.
struct ReconciliationTask: BackgroundTask {
    let name = "reconciliation"
    let loop: ReconciliationLoop

    func run() async { await loop.run() }

    func shutDown() async { await loop.shutDown() }
}

/// The supervision of engines. It ends after the reconciliation, and leaves the engines running.
struct ProcessRuntimeTask: BackgroundTask {
    let name = "process runtime"
    let runtime: ProcessRuntime

    func run() async { await runtime.run() }

    func shutDown() async { runtime.shutDown() }
}

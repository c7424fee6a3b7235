import Lifecycle
import ProcessRuntime

/// The supervision of engines. It ends after the reconciliation, and leaves the engines running.
struct ProcessRuntimeTask: BackgroundTask {
    let name = "process runtime"
    let runtime: ProcessRuntime

    func run() async { await runtime.run() }

    func shutDown() async { runtime.shutDown() }
}

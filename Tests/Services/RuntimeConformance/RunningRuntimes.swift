import ModelServingCore
import Synchronization

/// The runtimes of a world that are at work, each as if in a process of its own.
package final class RunningRuntimes: Sendable {
    private let tasks = Mutex<[ObjectIdentifier: Task<Void, Never>]>([:])

    package init() {}

    deinit { endAll() }

    package func begin(_ runtime: some Runtime & AnyObject, _ work: @escaping @Sendable () async -> Void) {
        let task = Task { await work() }
        tasks.withLock { $0[ObjectIdentifier(runtime)] = task }
    }

    func end(_ runtime: any Runtime) async {
        guard let task = tasks.withLock({ $0.removeValue(forKey: ObjectIdentifier(runtime as AnyObject)) }) else {
            return
        }
        task.cancel()
        await task.value
    }

    package func endAll() {
        for task in tasks.withLock({ $0.values }) { task.cancel() }
    }
}

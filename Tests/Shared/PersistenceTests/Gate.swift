/// Holds one task up until it is opened.
actor Gate {
    private var isOpen = false
    private var waiter: CheckedContinuation<Void, Never>?
    private var observer: CheckedContinuation<Void, Never>?

    func passOnce() async {
        guard !isOpen else { return }
        await withCheckedContinuation { continuation in
            waiter = continuation
            observer?.resume()
            observer = nil
        }
    }

    func waitUntilSomebodyWaits() async {
        guard waiter == nil else { return }
        await withCheckedContinuation { observer = $0 }
    }

    func open() {
        isOpen = true
        waiter?.resume()
        waiter = nil
    }
}

/// A place where tasks wait until the test opens it; it stays open.
package actor Gate {
    private var isOpen = false
    private var waiters: [CheckedContinuation<Void, Never>] = []

    package init() {}

    package func open() {
        isOpen = true
        for waiter in waiters { waiter.resume() }
        waiters = []
    }

    package func wait() async {
        if isOpen { return }
        await withCheckedContinuation { waiters.append($0) }
    }
}

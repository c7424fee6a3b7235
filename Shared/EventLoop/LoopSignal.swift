/// Where one task on a loop waits until something on the same loop happens.
///
/// For the single waiter that a connection has, this is cheaper than a checked continuation and as safe: it is
/// resumed once, because it is taken before.
@safe public final class LoopSignal {
    private var waiter: UnsafeContinuation<Void, Never>?

    public init() {}

    deinit { precondition(!isAwaited, "a signal was dropped while a task waited for it") }

    public var isAwaited: Bool { unsafe waiter != nil }

    /// Waits for `fire`. One task at a time.
    ///
    /// Inlined, because an asynchronous call costs two changes of executor even between functions of one loop.
    @inlinable @inline(__always)
    public func wait(on loop: isolated EventLoop) async {
        await unsafe withUnsafeContinuation(isolation: loop) { unsafe hold($0) }
    }

    @usableFromInline
    func hold(_ continuation: UnsafeContinuation<Void, Never>) {
        precondition(!isAwaited, "two tasks wait for one signal")
        unsafe waiter = continuation
    }

    /// Lets the waiting task go on, when its turn on the loop comes; does nothing if none waits.
    public func fire() {
        guard let continuation = unsafe waiter else { return }
        unsafe waiter = nil
        unsafe continuation.resume()
    }
}

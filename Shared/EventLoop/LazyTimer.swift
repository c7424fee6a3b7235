/// One timer for deadlines that move away again and again, as they do with each request on a connection: that costs
/// nothing, because the timer stays where it is, fires too early once, and is then set to where the deadline is by now.
public final class LazyTimer {
    private var timer: LoopTimer?
    private var deadline = LoopInstant.distantFuture

    public init() {}

    /// Sees to it that `handler` is called no later than at `wanted`. It may be called earlier, and then arms again.
    public func arm(for wanted: LoopInstant, _ handler: any TimerHandler, on loop: isolated EventLoop) {
        guard wanted < deadline else { return }
        if let timer { loop.cancel(timer) }
        timer = loop.schedule(at: wanted, handler)
        deadline = wanted
    }

    /// To be called first when the timer has fired.
    public func noteFired() {
        timer = nil
        deadline = .distantFuture
    }

    public func cancel(on loop: isolated EventLoop) {
        if let timer { loop.cancel(timer) }
        noteFired()
    }
}

import EventLoop
import HTTP

extension ServerConnection {
    /// Sees to it that the timer fires no later than the next deadline.
    func armTimer(on loop: isolated EventLoop) {
        timer.arm(for: min(readDeadline, writeDeadline), self, on: loop)
    }

    func timerFired(_ timer: LoopTimer, on loop: isolated EventLoop) {
        self.timer.noteFired()
        if writeDeadline <= loop.now {
            close(on: loop)
            return
        }
        if readDeadline <= loop.now {
            readDeadline = .distantFuture
            readDeadlinePassed(on: loop)
        }
        if phase != .closed { armTimer(on: loop) }
    }

    private func readDeadlinePassed(on loop: isolated EventLoop) {
        switch phase {
        case .head:
            if inbound.isEmpty {
                close(on: loop)
            } else {
                refuse(408, "the head did not come in time", on: loop)
            }
        case .handling: checkBodyRate(on: loop)
        case .discarding, .lingering: close(on: loop)
        case .closed: break
        }
    }

    /// Begins to watch how fast the client takes what is sent, unless it has been watched for less than a window.
    func startWriteWindow(on loop: isolated EventLoop) {
        guard writeDeadline == .distantFuture || writeWindowBytes >= writeWindowMinimum else { return }
        writeDeadline = loop.now + context.times.writeStall
        writeWindowBytes = 0
        armTimer(on: loop)
    }

    private var writeWindowMinimum: Int {
        let (seconds, _) = context.limits.writeStall.components
        return context.limits.responseBytesPerSecond * max(1, Int(seconds))
    }

    /// Begins to watch how fast the body comes, when its reader begins to wait.
    func startBodyRateWindow(on loop: isolated EventLoop) {
        guard readDeadline == .distantFuture else { return }
        request.windowBytes = 0
        readDeadline = loop.now + context.times.bodyRateWindow
        armTimer(on: loop)
    }

    private func checkBodyRate(on loop: isolated EventLoop) {
        // While its reader is busy, the client is not the slow one.
        guard bodySignal.isAwaited else { return }
        let (seconds, _) = context.limits.bodyRateWindow.components
        guard request.windowBytes < context.limits.bodyBytesPerSecond * max(1, Int(seconds)) else {
            startBodyRateWindow(on: loop)
            return
        }
        request.fail(.tooSlow("less than \(context.limits.bodyBytesPerSecond) bytes of the body came per second"))
        bodySignal.fire()
    }
}

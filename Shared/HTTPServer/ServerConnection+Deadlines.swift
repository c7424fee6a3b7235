import EventLoop
import HTTP

extension ServerConnection {
    /// Sees to it that the timer fires no later than the next deadline.
    func armTimer(on loop: isolated EventLoop) {
        timer.arm(for: min(readDeadline, writeDeadline), self, on: loop)
    }

    func timerFired(_ timer: LoopTimer, on loop: isolated EventLoop) {
        self.timer.noteFired()
        if writeDeadline <= loop.now { writeDeadlinePassed(on: loop) }
        if phase != .closed, readDeadline <= loop.now {
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
                refuse(HTTPParseError(408, "the head did not come in time"), on: loop)
            }
        case .handling: checkBodyRate(on: loop)
        case .discarding, .lingering: close(on: loop)
        case .closed: break
        }
    }

    /// Begins to watch how fast the client takes what is sent, unless it is watched already.
    func startWriteWindow(on loop: isolated EventLoop) {
        guard writeDeadline == .distantFuture else { return }
        writeDeadline = loop.now + context.times.writeStall
        writeWindowBytes = socket.unacknowledgedBytes
        armTimer(on: loop)
    }

    /// Asks the kernel, which does not tell of every byte that the client takes: only when there is room for many.
    private func writeDeadlinePassed(on loop: isolated EventLoop) {
        writeDeadline = .distantFuture
        let (seconds, _) = context.limits.writeStall.components
        let minimum = context.limits.responseBytesPerSecond * max(1, Int(seconds))
        if writeWindowBytes - socket.unacknowledgedBytes < minimum {
            close(on: loop)
        } else {
            startWriteWindow(on: loop)
        }
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

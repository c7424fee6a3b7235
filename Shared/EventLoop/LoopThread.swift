import CLinux
import Glibc

/// The threads of loops, and which loop the calling thread belongs to.
enum LoopThread {
    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        let result = unsafe pthread_key_create(&key, nil)
        precondition(result == 0, "no thread-specific key left: \(SystemError(code: result))")
        return key
    }()

    /// Not retained: it is set while the thread runs the loop, which holds it.
    static var current: EventLoop? {
        get {
            guard let pointer = unsafe pthread_getspecific(key) else { return nil }
            return unsafe Unmanaged<EventLoop>.fromOpaque(pointer).takeUnretainedValue()
        }
        set {
            let pointer = unsafe newValue.map { unsafe Unmanaged.passUnretained($0).toOpaque() }
            unsafe pthread_setspecific(key, pointer)
        }
    }

    /// Starts a thread that runs `loop` until it is stopped and then calls `finished`.
    static func start(_ loop: EventLoop, name: String, finished: @escaping @Sendable () -> Void) throws(SystemError) {
        let start = unsafe Unmanaged.passRetained(Start(loop: loop, name: name, finished: finished))
        var thread = pthread_t()
        let result = unsafe pthread_create(
            &thread, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                let start = unsafe Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                unsafe pthread_setname_np(pthread_self(), start.name)
                start.loop.runOnThisThread()
                start.finished()
                return nil
            }, start.toOpaque())
        guard result == 0 else {
            unsafe start.release()
            throw SystemError(code: result)
        }
        pthread_detach(thread)
    }

    private final class Start: Sendable {
        let loop: EventLoop
        let name: String
        let finished: @Sendable () -> Void

        init(loop: EventLoop, name: String, finished: @escaping @Sendable () -> Void) {
            self.loop = loop
            self.name = name
            self.finished = finished
        }
    }
}

import CLinux
import Glibc

/// An epoll instance and the events of its last wait.
///
/// Each watch carries a generation besides its descriptor, because an event may still lie in the batch when its
/// descriptor has been closed and given to another connection.
@safe final class Poll {
    private let descriptor: Int32
    private var events: [epoll_event]

    init(capacity: Int) {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        precondition(descriptor >= 0, "no descriptor left for an event loop: \(SystemError.last)")
        unsafe events = Array(repeating: epoll_event(), count: capacity)
    }

    deinit { close(descriptor) }

    func add(_ watched: Int32, _ interest: ReadyEvents, generation: UInt32) throws(SystemError) {
        try control(EPOLL_CTL_ADD, watched, interest, generation)
    }

    func modify(_ watched: Int32, _ interest: ReadyEvents, generation: UInt32) throws(SystemError) {
        try control(EPOLL_CTL_MOD, watched, interest, generation)
    }

    func remove(_ watched: Int32) {
        // It fails only if the descriptor is not watched, which is what is wanted.
        _ = epoll_ctl(descriptor, EPOLL_CTL_DEL, watched, nil)
    }

    private func control(
        _ operation: Int32, _ watched: Int32, _ interest: ReadyEvents, _ generation: UInt32
    ) throws(SystemError) {
        var event = unsafe epoll_event()
        unsafe event.events = interest.rawValue
        unsafe event.data.u64 = UInt64(UInt32(bitPattern: watched)) | UInt64(generation) << 32
        guard unsafe epoll_ctl(descriptor, operation, watched, &event) == 0 else { throw .last }
    }

    /// Waits for events or until the time is over; -1 waits without end.
    /// - Returns: how many events there are.
    func wait(milliseconds: Int32) -> Int {
        let count = unsafe epoll_wait(descriptor, &events, Int32(events.count), milliseconds)
        return max(0, Int(count))
    }

    func event(_ index: Int) -> (descriptor: Int32, generation: UInt32, events: ReadyEvents) {
        let event = unsafe events[index]
        let data = unsafe event.data.u64
        return (
            Int32(truncatingIfNeeded: data), UInt32(truncatingIfNeeded: data >> 32),
            ReadyEvents(rawValue: unsafe event.events)
        )
    }
}

import CLinux
import Glibc

/// A descriptor kept back for the moment when there is none left: given up, it lets one more connection be accepted,
/// so that it can be closed instead of waiting unseen.
public final class ReservedDescriptor {
    /// What the place is filled with: a copy takes the place of a connection in one step.
    private let filling = unsafe open("/dev/null", O_RDONLY | O_CLOEXEC)
    private var place: Int32 = -1

    public init() { reserve() }

    deinit {
        release()
        if filling >= 0 { close(filling) }
    }

    /// Takes a place, if there is none yet and one is free. Idempotent.
    public func reserve() {
        if place < 0 { place = fcntl(filling, F_DUPFD_CLOEXEC, 0) }
    }

    /// Accepts a connection in the reserved place and closes it at once. Between closing it and taking the place again
    /// nobody can come in; somebody can in the moment before the connection is accepted.
    /// - Returns: whether a connection was shed. If not, the place may be lost until `reserve()` finds another.
    public func shedOne(from listener: ListeningSocket) -> Bool {
        release()
        let connection = accept4(listener.descriptor, nil, nil, Int32(SOCK_CLOEXEC.rawValue))
        guard connection >= 0 else {
            reserve()
            return false
        }
        place = dup3(filling, connection, O_CLOEXEC)
        // It is refused only where the system could not even copy: then the connection must not stay.
        if place < 0 { close(connection) }
        return true
    }

    private func release() {
        if place >= 0 { close(place) }
        place = -1
    }
}

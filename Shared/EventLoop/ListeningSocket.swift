import CLinux
import Glibc

/// A TCP socket that accepts connections and never blocks.
public final class ListeningSocket {
    public enum Accepted {
        case connection(Socket, from: SocketAddress)
        case wouldBlock
        /// The process or the system has no descriptor left.
        case outOfDescriptors
        /// The connection was gone before it was accepted, or the like: the next may be fine.
        case failed(SystemError)
    }

    /// Connections that wait to be accepted.
    public static let backlog: Int32 = 1024
    /// What the kernel queues for a connection above what is on its way to the peer, in bytes. Without a bound it takes
    /// megabytes, and tells of room again when a third of them have gone.
    public static let unsentBytes: Int32 = 128 * 1024

    public let descriptor: Int32
    private var isOpen = true
    /// With the port that the kernel chose, if it was asked to.
    public let address: SocketAddress

    /// - Parameter sharesPort: Several sockets may listen on the port, and the kernel spreads connections over them.
    ///   Only for the loops of one process: with it, another process of the same user can join in unnoticed.
    /// - Throws: `SystemError.addressInUse` and whatever else binding comes to.
    public init(_ wanted: SocketAddress, sharesPort: Bool) throws(SystemError) {
        (descriptor, address) = try Self.bound(wanted, sharesPort: sharesPort)
        guard listen(descriptor, Self.backlog) == 0 else {
            let error = SystemError.last
            close()
            throw error
        }
    }

    /// Whether nobody listens on the port, also nobody who would share it. Listens itself at no moment: whoever
    /// connected then would be reset.
    /// - Returns: the address with the port that the kernel chose, if it was asked to.
    /// - Throws: `SystemError.addressInUse` and whatever else binding comes to.
    public static func free(_ wanted: SocketAddress) throws(SystemError) -> SocketAddress {
        let (descriptor, address) = try bound(wanted, sharesPort: false)
        Glibc.close(descriptor)
        return address
    }

    private static func bound(
        _ wanted: SocketAddress, sharesPort: Bool
    ) throws(SystemError) -> (descriptor: Int32, address: SocketAddress) {
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(wanted.isV6 ? AF_INET6 : AF_INET, kind, 0)
        guard descriptor >= 0 else { throw .last }
        do throws(SystemError) {
            try set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
            if sharesPort { try set(descriptor, SOL_SOCKET, SO_REUSEPORT, 1) }
            // Accepted connections have it from their listener.
            try set(descriptor, Int32(IPPROTO_TCP), TCP_NOTSENT_LOWAT, unsentBytes)
            // `::` takes IPv4 connections as well.
            if wanted.isV6 { try set(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 0) }
            guard unsafe wanted.withRaw({ unsafe bind(descriptor, $0, $1) }) == 0 else { throw .last }
            let address = unsafe SocketAddress { unsafe getsockname(descriptor, $0, $1) == 0 }
            guard let address else { throw .last }
            return (descriptor, address)
        } catch {
            Glibc.close(descriptor)
            throw error
        }
    }

    deinit { close() }

    /// Closes the descriptor. The loop must have stopped watching it. Idempotent.
    public func close() {
        guard isOpen else { return }
        isOpen = false
        Glibc.close(descriptor)
    }

    /// From here on requests for a connection are dropped, while handshakes that have begun are finished.
    ///
    /// Without it a connection can come between the last `accept()` and `close()`, and be reset with the request that
    /// its client has sent. Who asks meanwhile asks again after a second, and is refused or finds whoever listens then.
    public func dropRequests() {
        // Where the kernel has no such filters only that gap is left.
        _ = slipway_drop_connection_requests(descriptor)
    }

    public func accept() -> Accepted {
        var connection: Int32 = -1
        let flags = Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let peer = unsafe SocketAddress { address, length in
            connection = unsafe accept4(descriptor, address, length, flags)
            return connection >= 0
        }
        guard connection >= 0 else {
            switch errno {
            case EAGAIN: return .wouldBlock
            case EMFILE, ENFILE, ENOBUFS, ENOMEM: return .outOfDescriptors
            default: return .failed(.last)
            }
        }
        let socket = Socket(descriptor: connection)
        socket.disableDelay()
        return .connection(socket, from: peer ?? SocketAddress(.v4(0), port: 0))
    }

    private static func set(
        _ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32
    ) throws(SystemError) {
        var value = value
        let size = socklen_t(MemoryLayout<Int32>.size)
        guard unsafe setsockopt(descriptor, level, option, &value, size) == 0 else { throw .last }
    }
}

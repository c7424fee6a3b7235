import CLinux
import Glibc

/// What a call on a socket came to.
public enum SocketResult: Hashable, Sendable {
    /// So many bytes were moved, at least one.
    case moved(Int)
    /// Nothing can be moved now; the loop tells when.
    case wouldBlock
    /// The peer has closed its sending side: there is nothing more to receive.
    case closed
    case failed(SystemError)
}

/// A connected (or connecting) TCP socket that never blocks.
public final class Socket {
    public let descriptor: Int32
    /// Asked before every use: by now the number may be another socket's.
    private var isOpen = true

    /// - Parameter descriptor: Non-blocking; owned from here on.
    init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close() }

    /// Begins to connect. When it becomes writable, `connectError` tells how that ended.
    /// - Throws: what the kernel knows at once, such as an unreachable network or a lack of descriptors.
    public static func connecting(to address: SocketAddress) throws(SystemError) -> Socket {
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.isV6 ? AF_INET6 : AF_INET, kind, 0)
        guard descriptor >= 0 else { throw .last }
        let socket = Socket(descriptor: descriptor)
        socket.disableDelay()
        let result = unsafe address.withRaw { unsafe connect(descriptor, $0, $1) }
        guard result == 0 || errno == EINPROGRESS else { throw .last }
        return socket
    }

    /// Closes the descriptor. The loop must have stopped watching it. Idempotent.
    public func close() {
        guard isOpen else { return }
        isOpen = false
        Glibc.close(descriptor)
    }

    /// As `close`, with a reset: the peer sees that what it got is not whole, and what it has not taken is thrown away.
    public func reset() {
        guard isOpen else { return }
        var option = linger(l_onoff: 1, l_linger: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        close()
    }

    /// Why connecting failed; nil if it did not.
    public var connectError: SystemError? {
        guard isOpen else { return SystemError(code: EBADF) }
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length) == 0 else { return .last }
        return code == 0 ? nil : SystemError(code: code)
    }

    /// Sends small pieces at once instead of waiting for more to go with them.
    func disableDelay() {
        var one: Int32 = 1
        unsafe setsockopt(
            descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Receives what is there behind what `buffer` holds.
    /// - Parameter room: The least room that is offered to the kernel; a result below the room that was offered means
    ///   that all was taken.
    public func receive(into buffer: ByteBuffer, room: Int) -> (result: SocketResult, room: Int) {
        guard isOpen else { return (Self.notOpen, room) }
        let (count, offered) = unsafe buffer.write(room: room) { bytes in
            unsafe recv(descriptor, bytes.baseAddress, bytes.count, 0)
        }
        if count > 0 { return (.moved(count), offered) }
        return (count == 0 ? .closed : failure(), offered)
    }

    /// Sends as much of `bytes[range]` as the kernel takes now.
    public func send(_ bytes: [UInt8], _ range: Range<Int>) -> SocketResult {
        precondition(range.upperBound <= bytes.count, "a range beyond the bytes")
        guard !range.isEmpty else { return .moved(0) }
        guard isOpen else { return Self.notOpen }
        let count = unsafe bytes.withUnsafeBytes { bytes in
            unsafe Glibc.send(
                descriptor, bytes.baseAddress.map { unsafe $0 + range.lowerBound }, range.count,
                Int32(MSG_NOSIGNAL))
        }
        return count >= 0 ? .moved(count) : failure()
    }

    /// Sends as much of the three, one behind the other, as the kernel takes now.
    public func send(_ first: [UInt8], _ second: [UInt8], _ third: [UInt8] = []) -> SocketResult {
        guard isOpen else { return Self.notOpen }
        let count = unsafe first.withUnsafeBytes { first in
            unsafe second.withUnsafeBytes { second in
                unsafe third.withUnsafeBytes { third in unsafe sendMessage(first, second, third) }
            }
        }
        return count >= 0 ? .moved(count) : failure()
    }

    private func sendMessage(
        _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer, _ third: UnsafeRawBufferPointer
    ) -> Int {
        var parts = unsafe (
            iovec(iov_base: UnsafeMutableRawPointer(mutating: first.baseAddress), iov_len: first.count),
            iovec(iov_base: UnsafeMutableRawPointer(mutating: second.baseAddress), iov_len: second.count),
            iovec(iov_base: UnsafeMutableRawPointer(mutating: third.baseAddress), iov_len: third.count)
        )
        return unsafe withUnsafeMutableBytes(of: &parts) { parts in
            var message = unsafe msghdr()
            unsafe message.msg_iov = parts.baseAddress?.assumingMemoryBound(to: iovec.self)
            unsafe message.msg_iovlen = third.isEmpty ? 2 : 3
            return unsafe sendmsg(descriptor, &message, Int32(MSG_NOSIGNAL))
        }
    }

    /// Sends as much of the queued bytes as the kernel takes now, and consumes them.
    public func send(from buffer: ByteBuffer) -> SocketResult {
        let result = send(buffer.bytes, buffer.unread)
        if case .moved(let count) = result { buffer.consume(count) }
        return result
    }

    /// Looks, without taking anything, what the next receive would come to.
    public func peek() -> SocketResult {
        guard isOpen else { return Self.notOpen }
        var byte: UInt8 = 0
        let count = unsafe recv(descriptor, &byte, 1, Int32(MSG_PEEK))
        if count > 0 { return .moved(count) }
        return count == 0 ? .closed : failure()
    }

    /// What was sent and the peer has not acknowledged: it takes no more than its reader lets it.
    public var unacknowledgedBytes: Int { isOpen ? max(0, Int(slipway_unacknowledged_bytes(descriptor))) : 0 }

    /// Tells the peer that nothing more will be sent.
    public func closeSendingSide() {
        if isOpen { shutdown(descriptor, Int32(SHUT_WR)) }
    }

    private static let notOpen = SocketResult.failed(SystemError(code: EBADF))

    private func failure() -> SocketResult {
        errno == EAGAIN || errno == EINTR ? .wouldBlock : .failed(.last)
    }
}

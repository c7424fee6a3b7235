import EventLoop
import Glibc

/// One end of a TCP connection that says exactly what a test wants it to say, for what an HTTP client or server would
/// never send. It has a loop of its own to wait on; the test's time limit is the limit of waiting.
package final class TestPeer: Sendable {
    private let descriptor: Int32
    private let loop: EventLoop

    package init(descriptor: Int32, loop: EventLoop) {
        self.descriptor = descriptor
        self.loop = loop
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    }

    deinit { Glibc.close(descriptor) }

    package static func connect(to address: SocketAddress, on loop: EventLoop) -> TestPeer {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var raw = sockaddr_in()
        raw.sin_family = sa_family_t(AF_INET)
        raw.sin_port = address.port.bigEndian
        raw.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafePointer(to: &raw) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(descriptor, $0, size) }
        }
        precondition(result == 0, "cannot connect to \(address)")
        return TestPeer(descriptor: descriptor, loop: loop)
    }

    /// Sends all of it; false if the other end is gone.
    @discardableResult
    package func send(_ text: String) async -> Bool { await send(Array(text.utf8)) }

    @discardableResult
    package func send(_ bytes: [UInt8]) async -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count > 0 {
                sent += count
            } else if errno == EAGAIN {
                try? await loop.sleep(for: .milliseconds(1))
            } else {
                return false
            }
        }
        return true
    }

    /// What comes next, at least one byte; nil when the other end has closed.
    package func receive() async -> String? { await receiveBytes().map { String(decoding: $0, as: UTF8.self) } }

    package func receiveBytes(atMost limit: Int = 65536) async -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: limit)
        while true {
            let count = recv(descriptor, &bytes, limit, 0)
            if count > 0 { return Array(bytes[..<count]) }
            guard count < 0, errno == EAGAIN else { return nil }
            do {
                try await loop.waitReadable(descriptor)
            } catch {
                return nil
            }
        }
    }

    /// Reads until `end` has come; what came before the other end closed if that is earlier.
    package func receive(until end: String) async -> String {
        var text = ""
        while !text.utf8.elementsEqual(end.utf8) && !text.contains(end), let more = await receive() { text += more }
        return text
    }

    /// Reads until so many bytes have come.
    package func receive(count: Int) async -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count, let more = await receiveBytes(atMost: count - bytes.count) { bytes += more }
        return bytes
    }

    /// Everything until the other end closes.
    package func receiveAll() async -> String {
        var text = ""
        while let more = await receive() { text += more }
        return text
    }

    /// Takes everything until the other end closes.
    /// - Returns: whether it did so with a reset.
    package func isReset() async -> Bool {
        var bytes = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = recv(descriptor, &bytes, bytes.count, 0)
            if count > 0 { continue }
            guard count < 0, errno == EAGAIN else { return count < 0 && errno == ECONNRESET }
            try? await loop.waitReadable(descriptor)
        }
    }

    /// Nothing more will be sent; the other direction stays open.
    package func closeSendingSide() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Ends the connection in both directions.
    package func hangUp() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// Ends the connection with a reset.
    package func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
        let replacement = open("/dev/null", O_RDONLY)
        dup2(replacement, descriptor)
        Glibc.close(replacement)
    }

    /// Keeps the kernel from taking much more than the other end reads.
    package func limitReceiveBuffer(_ bytes: Int32) {
        var size = bytes
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
    }
}

/// A listener that hands its connections to the test one by one.
package final class TestListener: Sendable {
    package let port: UInt16
    private let descriptor: Int32
    private let loop: EventLoop

    package init(on loop: EventLoop, backlog: Int32 = 64) {
        self.loop = loop
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        var raw = sockaddr_in()
        raw.sin_family = sa_family_t(AF_INET)
        raw.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let result = withUnsafeMutablePointer(to: &raw) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) | listen(descriptor, backlog) | getsockname(descriptor, $0, &size)
            }
        }
        precondition(result == 0, "cannot listen")
        port = UInt16(bigEndian: raw.sin_port)
    }

    deinit { Glibc.close(descriptor) }

    package func accept() async -> TestPeer {
        while true {
            let connection = Glibc.accept(descriptor, nil, nil)
            if connection >= 0 { return TestPeer(descriptor: connection, loop: loop) }
            try? await loop.waitReadable(descriptor)
        }
    }

    /// Whether nobody has connected that was not accepted.
    package var isQuiet: Bool {
        let connection = Glibc.accept(descriptor, nil, nil)
        if connection >= 0 { Glibc.close(connection) }
        return connection < 0
    }
}

/// As `TestListener`, on the IPv6 loopback address only.
package final class IPv6Listener: Sendable {
    package let port: UInt16
    private let descriptor: Int32

    package init() {
        descriptor = socket(AF_INET6, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        var raw = sockaddr_in6()
        raw.sin6_family = sa_family_t(AF_INET6)
        raw.sin6_addr = in6addr_loopback
        var size = socklen_t(MemoryLayout<sockaddr_in6>.size)
        let descriptor = descriptor
        let result = withUnsafeMutablePointer(to: &raw) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) | listen(descriptor, 8) | getsockname(descriptor, $0, &size)
            }
        }
        precondition(result == 0, "cannot listen")
        port = UInt16(bigEndian: raw.sin6_port)
    }

    deinit { Glibc.close(descriptor) }

    package func accept(on loop: EventLoop) async -> TestPeer {
        while true {
            let connection = Glibc.accept(descriptor, nil, nil)
            if connection >= 0 { return TestPeer(descriptor: connection, loop: loop) }
            try? await loop.waitReadable(descriptor)
        }
    }
}

import EventLoop
import Glibc
import HTTP
import HTTPServer
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct OutOfDescriptorsTests {
    /// In a process of its own, because the limit is the process's.
    @Test func survivesHavingNoDescriptorLeft() async {
        await #expect(processExitsWith: .success) {
            try await TestServer.run { server in
                var limit = rlimit(rlim_cur: 64, rlim_max: 64)
                precondition(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
                // This process is both ends. All descriptors are taken before anybody connects, so that none of ours
                // comes into the place that the server gives up for a moment; it has room for a few.
                var clients: [Int32] = []
                while let client = unconnected() { clients.append(client) }
                for _ in 0..<4 { close(clients.removeLast()) }
                precondition(clients.count > 5)
                for client in clients { precondition(connect(client, to: server.address)) }
                // Those that cannot be served are closed, and not left to wait.
                for client in clients.suffix(2) {
                    var byte: UInt8 = 0
                    var timeout = timeval(tv_sec: 30, tv_usec: 0)
                    setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
                    precondition(recv(client, &byte, 1, 0) == 0, "neither served nor closed")
                }
                for client in clients { close(client) }
                // And when there are descriptors again, it goes on.
                var answer = ""
                while !answer.hasPrefix("HTTP/1.1 200") {
                    answer = await server.exchange("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                }
            }
        }
    }
}

private func unconnected() -> Int32? {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    return descriptor >= 0 ? descriptor : nil
}

private func connect(_ descriptor: Int32, to address: SocketAddress) -> Bool {
    var raw = sockaddr_in()
    raw.sin_family = sa_family_t(AF_INET)
    raw.sin_port = address.port.bigEndian
    raw.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    return withUnsafePointer(to: &raw) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(descriptor, $0, size) }
    } == 0
}

import Foundation
import Testing

@testable import slipway

@Suite struct ListeningPortsTests {
    @Test func namesWhoListensOnAPort() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            """
              sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
               0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4242 1
               1: 0100007F:1F91 0100007F:1F90 01 00000000:00000000 00:00000000 00000000     0        0 4243 1
            """, to: "net/tcp")
        try folder.write("nginx\n", to: "31/comm")
        try folder.write("", to: "31/fd/.keep")
        try FileManager.default.createSymbolicLink(
            atPath: "\(folder.path)/31/fd/5", withDestinationPath: "socket:[4242]")
        let ports = ListeningPorts(root: folder.path)
        #expect(ports.listener(on: 8080)?.description == "nginx (process 31)")
        // Connected, not listening.
        #expect(ports.listener(on: 8081) == nil)
        try FileManager.default.removeItem(atPath: "\(folder.path)/31")
        #expect(ports.listener(on: 8080)?.description == "a process of another user")
    }

    @Test func findsThisProcessAmongAllConnectionsOfTheMachine() throws {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        #expect(listen(socket, 1) == 0)
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &length) }
        }
        #expect(status == 0)
        #expect(ListeningPorts().listener(on: UInt16(bigEndian: address.sin_port))?.pid == getpid())
    }

    @Test func knowsNothingWithoutTables() {
        #expect(ListeningPorts(root: "/nowhere").listener(on: 80) == nil)
    }
}

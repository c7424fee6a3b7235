import Foundation
import Testing

@testable import slipway

@Suite struct ProcessTableTests {
    @Test func knowsThisProcess() throws {
        let table = ProcessTable()
        let id = ProcessInfo.processInfo.processIdentifier
        #expect(table.ids.contains(id))
        #expect(try #require(table.startTicks(of: id)) > 0)
        #expect(!table.isZombie(id))
        #expect(table.environment(of: id)["PATH"] == ProcessInfo.processInfo.environment["PATH"])
    }

    @Test func knowsNothingOfAProcessThatIsNotThere() {
        let table = ProcessTable(root: "/nowhere")
        #expect(table.ids.isEmpty)
        #expect(table.startTicks(of: 1) == nil)
        #expect(table.environment(of: 1) == [:])
        #expect(table.listener(on: 80) == nil)
    }

    @Test func readsStartAndStateBehindAnyName() throws {
        let folder = try TemporaryFolder()
        let fields = (0..<30).map { $0 == 0 ? "Z" : "\($0 + 100)" }.joined(separator: " ")
        try folder.write("7 (a ) (b) \(fields)\n", to: "7/stat")
        let table = ProcessTable(root: folder.path)
        #expect(table.startTicks(of: 7) == 119)
        #expect(table.isZombie(7))
    }

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
        let table = ProcessTable(root: folder.path)
        #expect(table.listener(on: 8080)?.description == "nginx (process 31)")
        #expect(table.listener(on: 8081) == nil)
        try FileManager.default.removeItem(atPath: "\(folder.path)/31")
        #expect(table.listener(on: 8080)?.description == "a process of another user")
    }
}

import Foundation
import Subprocess
import Testing

@testable import slipway

@Suite struct DevLockTests {
    let folder: TemporaryFolder
    let lock: DevLock
    let own: ProcessIdentity
    let parent: ProcessIdentity

    init() throws {
        folder = try TemporaryFolder()
        lock = DevLock(file: "\(folder.path)/.slipway/dev.lock")
        own = try #require(ProcessTable.identity(of: getpid()))
        parent = try #require(ProcessTable.identity(of: getppid()))
    }

    @Test func keepsTheSecondOut() throws {
        try lock.take(as: parent)
        let failure = #expect(throws: CommandFailure.self) { try lock.take(as: own) }
        #expect(failure?.status == .conflict)
        #expect(failure?.message == "slipway dev already runs in this project, as process \(parent.pid).")
        #expect(try lock.holder() == parent)
    }

    @Test func isFreeAgainOnceGivenBack() throws {
        try lock.take(as: parent)
        lock.release(as: own)
        #expect(try lock.holder() == parent)
        lock.release(as: parent)
        try lock.take(as: own)
        #expect(try lock.holder() == own)
    }

    @Test func isTakenFromAHolderThatIsGone() throws {
        let gone = ProcessIdentity(pid: own.pid, startTime: own.startTime - 1, bootID: own.bootID)
        try lock.take(as: gone)
        #expect(try lock.holder() == nil)
        try lock.take(as: own)
        #expect(try lock.holder() == own)
    }

    @Test(arguments: ["", "{", "{\"pid\": 10}", "null"])
    func isTakenWhenItsTextSaysNothing(text: String) throws {
        try folder.write(text, to: ".slipway/dev.lock")
        try lock.take(as: own)
        #expect(try lock.holder() == own)
    }

    @Test func leavesNoClaimsBehind() throws {
        try lock.take(as: parent)
        _ = try? lock.take(as: own)
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/.slipway") == ["dev.lock"])
    }
}

import Foundation
import Testing

@testable import slipway

@Suite struct DevLockTests {
    let folder: TemporaryFolder
    let lock: DevLock

    init() throws {
        folder = try TemporaryFolder()
        for id in [10, 11] {
            let fields = (0..<30).map { $0 == 0 ? "S" : "\(id * 1000 + $0)" }.joined(separator: " ")
            try folder.write("\(id) (slipway) \(fields)\n", to: "proc/\(id)/stat")
        }
        lock = DevLock(
            file: "\(folder.path)/.slipway/dev.lock", processes: ProcessTable(root: "\(folder.path)/proc"))
    }

    @Test func keepsTheSecondOut() throws {
        try lock.take(as: 10)
        #expect(try lock.holder() == 10)
        let failure = #expect(throws: CommandFailure.self) { try lock.take(as: 11) }
        #expect(failure?.status == .conflict)
        #expect(failure?.message == "slipway dev already runs in this project, as process 10.")
        #expect(try lock.holder() == 10)
    }

    @Test func isFreeAgainOnceGivenBack() throws {
        try lock.take(as: 10)
        lock.release(as: 11)
        #expect(try lock.holder() == 10)
        lock.release(as: 10)
        try lock.take(as: 11)
        #expect(try lock.holder() == 11)
    }

    @Test func isTakenFromADeadHolder() throws {
        try lock.take(as: 10)
        try FileManager.default.removeItem(atPath: "\(folder.path)/proc/10")
        try lock.take(as: 11)
        #expect(try lock.holder() == 11)
    }

    @Test func isTakenFromAHolderWhoseIdAnotherProcessHasNow() throws {
        try folder.write(#"{"pid": 10, "start_ticks": "1"}"#, to: ".slipway/dev.lock")
        try lock.take(as: 11)
        #expect(try lock.holder() == 11)
    }

    @Test(arguments: ["", "{", "{\"pid\": 10}", "null"])
    func isTakenWhenItsTextSaysNothing(text: String) throws {
        try folder.write(text, to: ".slipway/dev.lock")
        try lock.take(as: 11)
        #expect(try lock.holder() == 11)
    }

    @Test func leavesNoClaimsBehind() throws {
        try lock.take(as: 10)
        _ = try? lock.take(as: 11)
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/.slipway") == ["dev.lock"])
    }
}

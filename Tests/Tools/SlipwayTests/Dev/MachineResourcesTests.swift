import Testing

@testable import slipway

@Suite struct MachineResourcesTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.write("MemTotal:       25165824 kB\nMemFree: 1 kB\n", to: "proc/meminfo")
        try folder.write("", to: "dev/null")
    }

    @Test func countsCoresMemoryAndDevices() throws {
        for name in ["nvidia0", "nvidia1", "nvidia-uvm", "nvidiactl"] { try folder.write("", to: "dev/\(name)") }
        let machine = MachineResources.read(root: folder.path, cores: 2)
        #expect(machine == MachineResources(cores: 2, memoryMebibytes: 24_576, gpus: 2))
        #expect(LocalPools.wanted(machine).map(\.name) == ["local-cpu", "local-memory", "local-gpu"])
        #expect(LocalPools.wanted(machine).map(\.capacity) == [2000, 24_576, 2])
    }

    @Test(arguments: [("1073741824\n", 1024), ("max\n", 24_576), ("", 24_576)])
    func mindsTheControlGroup(limit: String, mebibytes: Int64) throws {
        try folder.write(limit, to: "sys/fs/cgroup/memory.max")
        #expect(MachineResources.read(root: folder.path, cores: 2).memoryMebibytes == mebibytes)
    }

    @Test func makesNoPoolOfDevicesThatAreNotThere() {
        let machine = MachineResources.read(root: folder.path, cores: 2)
        #expect(LocalPools.wanted(machine).map(\.name) == ["local-cpu", "local-memory"])
    }

    @Test func readsThisMachine() {
        let machine = MachineResources.read()
        #expect(machine.cores >= 1)
        #expect(machine.memoryMebibytes > 100)
    }
}

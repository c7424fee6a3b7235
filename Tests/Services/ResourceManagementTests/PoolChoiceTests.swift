import Domain
import TestSupport
import Testing

@testable import ResourceManagementCore

struct PoolChoiceTests {
    @Test func takesThePoolThatFitsBest() throws {
        let pools = [pool("large", .cpu, 9000), pool("small", .cpu, 3000), pool("tiny", .cpu, 1000)]
        #expect(try choose(ResourceRequirements(cpuMillicores: 2000), pools) == ["small"])
        #expect(try choose(ResourceRequirements(cpuMillicores: 1000), pools) == ["tiny"])
        #expect(try choose(ResourceRequirements(cpuMillicores: 9000), pools) == ["large"])
    }

    @Test func prefersOnePlaceToTheBetterFit() throws {
        let pools = [
            pool("gpu-a", .gpu, 8, at: "a"), pool("cpu-a", .cpu, 9000, at: "a"),
            pool("gpu-b", .gpu, 1, at: "b"), pool("cpu-b", .cpu, 100, at: "b"),
        ]
        let chosen = try choose(ResourceRequirements(gpuDevices: 1, cpuMillicores: 1000), pools)
        #expect(chosen == ["gpu-a", "cpu-a"])
    }

    @Test func takesTheBetterOfTwoPlaces() throws {
        let pools = [
            pool("gpu-a", .gpu, 8, at: "a"), pool("cpu-a", .cpu, 2000, at: "a"),
            pool("gpu-b", .gpu, 2, at: "b"), pool("cpu-b", .cpu, 9000, at: "b"),
        ]
        let chosen = try choose(ResourceRequirements(gpuDevices: 1, cpuMillicores: 1000), pools)
        #expect(chosen == ["gpu-b", "cpu-b"])
    }

    @Test func takesSeveralPlacesIfNoneHasEverything() throws {
        let pools = [pool("gpu-a", .gpu, 8, at: "a"), pool("cpu-b", .cpu, 9000, at: "b")]
        let chosen = try choose(ResourceRequirements(gpuDevices: 1, cpuMillicores: 1000), pools)
        #expect(chosen == ["gpu-a", "cpu-b"])
    }

    @Test func dependsOnNothingButThePools() throws {
        let pools = (0..<6).map { pool("p\($0)", .cpu, 1000, at: $0.isMultiple(of: 2) ? "a" : "b") }
        let wanted = ResourceRequirements(cpuMillicores: 500)
        let first = try choose(wanted, pools)
        for seed in UInt64(1)...20 {
            var generator = SeededGenerator(seed: seed)
            #expect(try choose(wanted, pools.shuffled(using: &generator)) == first)
        }
    }

    @Test func leavesOutAPoolThatIsHeldInTooManyPieces() throws {
        var full = pool("full", .cpu, 1_000_000)
        for number in 0..<PoolLimits.maximumAllocations {
            full.hold(1, as: ResourceAllocationID(UUIDv7(high: 1, low: UInt64(number))))
        }
        #expect(throws: ServiceError.self) { try choose(ResourceRequirements(cpuMillicores: 1), [full]) }
        #expect(try choose(ResourceRequirements(cpuMillicores: 1), [full, pool("free", .cpu, 2)]) == ["free"])
    }

    private func choose(_ requirements: ResourceRequirements, _ pools: [ResourcePool]) throws -> [String] {
        let id = UUIDv7(high: 0, low: 1)
        let request = ClaimRequest(
            id: ResourceClaimID(id), serviceID: ModelServiceID(id), instanceID: ModelServiceInstanceID(id),
            requirements: requirements, resourceGroup: nil, location: nil)
        let names = Dictionary(uniqueKeysWithValues: pools.map { ($0.id, $0.details.name.description) })
        return try PoolChoice(request, among: pools).pools().compactMap { names[$0.pool] }
    }

    /// Its id follows from its name, so that it is the same in every run.
    private func pool(
        _ name: String, _ type: ResourceType, _ total: Int64, at location: String? = nil
    ) -> ResourcePool {
        let low = name.utf8.reduce(UInt64(0)) { $0 &* 31 &+ UInt64($1) }
        guard let entityName = EntityName(name) else { preconditionFailure("\(name) is no name") }
        return ResourcePool(
            id: ResourcePoolID(UUIDv7(high: 7, low: low)), type: type,
            details: PoolDetails(
                name: entityName, totalCapacity: total, location: location, resourceGroup: nil, labels: [:]),
            at: Timestamp(millisecondsSinceEpoch: 0))
    }
}

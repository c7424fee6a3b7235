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

    @Test func takesOnlyPoolsWithAllTheLabels() throws {
        let pools = [
            pool("plain", .gpu, 1), pool("a100", .gpu, 8, labels: ["gpu": "a100"]),
            pool("a100-prod", .gpu, 9, labels: ["gpu": "a100", "tier": "prod", "x": "y"]),
        ]
        let one = ResourceRequirements(gpuDevices: 1)
        #expect(try choose(one, pools) == ["plain"])
        #expect(try choose(one, pools, labels: ["gpu": "a100"]) == ["a100"])
        #expect(try choose(one, pools, labels: ["gpu": "a100", "tier": "prod"]) == ["a100-prod"])
        let error = #expect(throws: ServiceError.self) { try choose(one, pools, labels: ["tier": "", "gpu": "h100"]) }
        guard case .conflict("insufficient_capacity", let message) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(message.contains("only pools of label gpu=h100 and label tier="))
    }

    @Test func spreadsToThePoolWithTheLargestPartFree() throws {
        var used = pool("used", .cpu, 9000)
        used.hold(5000, as: ResourceAllocationID(UUIDv7(high: 1, low: 1)))
        let pools = [used, pool("free", .cpu, 3000)]
        let wanted = ResourceRequirements(cpuMillicores: 2000)
        #expect(try choose(wanted, pools, placement: .spread) == ["free"])
        #expect(try choose(ResourceRequirements(cpuMillicores: 3500), pools, placement: .spread) == ["used"])
    }

    @Test func spreadsToThePlaceWithTheLargestPartFree() throws {
        var used = pool("gpu-a1", .gpu, 8, at: "a")
        used.hold(7, as: ResourceAllocationID(UUIDv7(high: 1, low: 1)))
        var half = pool("gpu-b", .gpu, 8, at: "b")
        half.hold(3, as: ResourceAllocationID(UUIDv7(high: 1, low: 2)))
        // In a there is a pool that is quite free, but less of the place is free than of b.
        let pools = [used, pool("gpu-a2", .gpu, 2, at: "a"), half]
        #expect(try choose(ResourceRequirements(gpuDevices: 1), pools, placement: .spread) == ["gpu-b"])
        #expect(try choose(ResourceRequirements(gpuDevices: 1), pools) == ["gpu-a1"])
    }

    private func choose(
        _ requirements: ResourceRequirements, _ pools: [ResourcePool], labels: [String: String] = [:],
        placement: Placement = .bestFit
    ) throws -> [String] {
        let id = UUIDv7(high: 0, low: 1)
        let request = ClaimRequest(
            id: ResourceClaimID(id), serviceID: ModelServiceID(id), instanceID: ModelServiceInstanceID(id),
            requirements: requirements, pools: PoolSelector(labels: labels), placement: placement)
        let names = Dictionary(uniqueKeysWithValues: pools.map { ($0.id, $0.details.name.description) })
        return try PoolChoice(request, among: pools).pools().compactMap { names[$0.pool] }
    }

    /// Its id follows from its name, so that it is the same in every run.
    private func pool(
        _ name: String, _ type: ResourceType, _ total: Int64, at location: String? = nil, labels: [String: String] = [:]
    ) -> ResourcePool {
        let low = name.utf8.reduce(UInt64(0)) { $0 &* 31 &+ UInt64($1) }
        guard let entityName = EntityName(name) else { preconditionFailure("\(name) is no name") }
        return ResourcePool(
            id: ResourcePoolID(UUIDv7(high: 7, low: low)), type: type,
            details: PoolDetails(
                name: entityName, totalCapacity: total, location: location, resourceGroup: nil, labels: labels),
            at: Timestamp(millisecondsSinceEpoch: 0))
    }
}

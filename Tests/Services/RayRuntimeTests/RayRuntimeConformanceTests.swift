import RuntimeConformance
import Testing

@Suite(.timeLimit(.minutes(5))) struct RayRuntimeConformanceTests {
    @Test(arguments: RuntimeConformance.allCases)
    func behavesAsEveryRuntimeDoes(rule: RuntimeConformance) async throws {
        let world = try await RayWorld()
        try await rule.check(world)
    }

    @Test(arguments: ClusterConformance.allCases)
    func behavesAsEveryClusterDoes(rule: ClusterConformance) async throws {
        let world = try await RayWorld()
        try await rule.check(world)
    }
}

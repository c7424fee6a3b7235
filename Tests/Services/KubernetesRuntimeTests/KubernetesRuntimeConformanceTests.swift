import RuntimeConformance
import Testing

@Suite(.timeLimit(.minutes(5)))
struct KubernetesRuntimeConformanceTests {
    @Test(arguments: RuntimeConformance.allCases)
    func doesWhatEveryRuntimeMust(_ test: RuntimeConformance) async throws {
        try await KubernetesWorld.run { try await test.check($0) }
    }

    @Test(arguments: ClusterConformance.allCases)
    func doesWhatEveryClusterMust(_ test: ClusterConformance) async throws {
        try await KubernetesWorld.run { try await test.check($0) }
    }

    @Test(arguments: RuntimeConformance.allCases)
    func doesSoWithAPodOnANodeOfItsOwn(_ test: RuntimeConformance) async throws {
        try await KubernetesWorld.run(isEdge: true) { try await test.check($0) }
    }
}

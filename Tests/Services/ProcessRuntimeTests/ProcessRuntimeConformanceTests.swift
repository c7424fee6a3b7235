import RuntimeConformance
import Testing

@Suite(.timeLimit(.minutes(5))) struct ProcessRuntimeConformanceTests {
    @Test(arguments: RuntimeConformance.allCases)
    func behavesAsEveryRuntimeDoes(rule: RuntimeConformance) async throws {
        let world = try EngineWorld()
        try await rule.check(world)
    }
}

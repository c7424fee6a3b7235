import Domain
import FoundationEssentials
import ModelServingCore
import Testing

/// Random users, and faults in everything that the reconciliation depends on.
@Suite struct ReconciliationPropertyTests {
    static let seeds: [UInt64] = {
        if let seed = ProcessInfo.processInfo.environment["SEED"].flatMap({ UInt64($0) }) { return [seed] }
        return Array(1...150)
    }()

    @Test(arguments: seeds)
    func settlesFromAnyStateHoldingNothingInVain(seed: UInt64) async throws {
        let simulation = Simulation(seed: seed, faultPercent: Int(seed % 4) * 10, capacity: 6000)
        for step in 0..<120 {
            await act(simulation, step)
            await simulation.lookAround(isRecovering: simulation.chaos.chance(percent: 10))
            if simulation.chaos.chance(percent: 30) { simulation.chaos.advance(by: .seconds(2)) }
            expectClaimsBelongToInstances(simulation, seed)
        }
        simulation.chaos.calmDown()
        await simulation.lookAround()
        try await simulation.settle()
        simulation.expectNothingHeldInVain("SEED=\(seed)")
    }

    /// At no moment does anything hold capacity that the records do not know of.
    private func expectClaimsBelongToInstances(_ simulation: Simulation, _ seed: UInt64) {
        let known = simulation.repository.services.flatMap(\.instances).filter(\.phase.mayHoldClaim).map(\.id)
        #expect(simulation.claims.holders.subtracting(known).isEmpty, "SEED=\(seed)")
    }

    private func act(_ simulation: Simulation, _ step: Int) async {
        let chaos = simulation.chaos
        let services = simulation.repository.services
        let victim = services.isEmpty ? nil : services[chaos.random(in: 0...services.count - 1)]
        switch chaos.random(in: 0...9) {
        case 0, 1:
            guard services.count < 5 else { return }
            let isUnknown = chaos.chance(percent: 10)
            let configuration = Simulation.configuration(
                model: isUnknown ? SimulatedCatalog.unknownModel : Simulation.modelID,
                millicores: Int64(chaos.random(in: 0...7)) * 1000, replicas: chaos.random(in: 0...3))
            guard let name = ServiceName("service-\(step)") else { return }
            _ = try? await simulation.create(name, configuration, owner: nil, by: .all, once: nil)
        case 2, 3:
            guard let victim else { return }
            var change = ConfigurationChange()
            if chaos.chance(percent: 50) { change.replicas = chaos.random(in: 0...3) }
            if chaos.chance(percent: 50) { change.modelVersion = ModelVersionSelector(chaos.random(in: 1...3)) }
            if chaos.chance(percent: 50) { change.canaryPercent = chaos.random(in: 1...100) }
            _ = try? await simulation.change.update(victim.id.description, .none, change)
        case 4:
            guard let victim else { return }
            _ = try? await simulation.change.delete(victim.id.description, .none)
        case 5:
            guard let victim else { return }
            _ = try? await simulation.change.retry(victim.id.description)
        case 6:
            guard let victim else { return }
            _ = try? await simulation.change.rollBack(victim.id.description, .none, to: nil)
        case 7:
            if let instance = victim?.instances.first { simulation.runtime.kill(instance.id) }
        default: return
        }
    }
}

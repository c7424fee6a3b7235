import Domain
import Testing

@testable import ModelServingCore

@Suite struct ServiceStatusTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let wanted: Int
        let phases: [InstancePhase]
        let status: ServiceStatus
        var restarts = 1

        var testDescription: String { "\(wanted) wanted, \(phases) is \(status)" }
    }

    @Test(arguments: [
        Row(wanted: 1, phases: [.pending], status: .creating),
        Row(wanted: 1, phases: [], status: .creating),
        Row(wanted: 1, phases: [.starting], status: .creating),
        Row(wanted: 1, phases: [.running], status: .running),
        Row(wanted: 1, phases: [.unhealthy], status: .degraded),
        Row(wanted: 1, phases: [.restarting], status: .degraded),
        Row(wanted: 1, phases: [.restarting], status: .creating, restarts: 0),
        Row(wanted: 1, phases: [.error], status: .error),
        Row(wanted: 2, phases: [.running, .error], status: .degraded),
        Row(wanted: 2, phases: [.running, .restarting], status: .degraded),
        Row(wanted: 2, phases: [.running, .claiming], status: .updating),
        Row(wanted: 2, phases: [.error, .claiming], status: .creating),
        Row(wanted: 2, phases: [.error, .error], status: .error),
        Row(wanted: 1, phases: [.running, .running], status: .updating),
        Row(wanted: 1, phases: [.running, .stopped], status: .running),
        Row(wanted: 0, phases: [.running], status: .stopping),
        Row(wanted: 0, phases: [.stopping], status: .stopping),
        Row(wanted: 0, phases: [.stopped], status: .stopped),
        Row(wanted: 0, phases: [], status: .stopped),
    ])
    func followsFromTheInstances(row: Row) throws {
        let now = Timestamp(millisecondsSinceEpoch: 0)
        let ids = row.phases.indices.map { ModelServiceInstanceID(UUIDv7(high: 1, low: UInt64($0))) }
        var service = ModelService(
            id: ModelServiceID(UUIDv7(high: 2, low: 2)), name: try #require(ServiceName("chat")), ownerID: "admin",
            configuration: Simulation.configuration(replicas: row.wanted), instanceIDs: ids, at: now)
        for (index, phase) in row.phases.enumerated() {
            service.instances[index].phase = phase
            service.instances[index].url = "http://127.0.0.1:1"
            if phase == .restarting { service.instances[index].restarts = row.restarts }
            if phase == .error { service.instances[index].goal = .giveUp }
            if phase == .stopped || phase == .stopping { service.instances[index].goal = .stop }
        }
        #expect(service.status == row.status)
    }

    @Test(arguments: InstancePhase.allCases)
    func instancesHaveOneOfFourWords(phase: InstancePhase) {
        var instance = ModelServiceInstance(
            id: ModelServiceInstanceID(UUIDv7(high: 1, low: 1)), revision: 1,
            at: Timestamp(millisecondsSinceEpoch: 0))
        instance.phase = phase
        switch phase {
        case .running: #expect(instance.status == .running)
        case .error: #expect(instance.status == .error)
        case .stopped, .stopping, .releasing: #expect(instance.status == .stopped)
        case .pending, .resolving, .claiming, .deploying, .starting, .unhealthy, .restarting:
            #expect(instance.status == .creating)
        }
    }
}

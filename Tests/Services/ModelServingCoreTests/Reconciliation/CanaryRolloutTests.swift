import Domain
import Testing

@testable import ModelServingCore

@Suite struct CanaryRolloutTests {
    static let now = Timestamp(millisecondsSinceEpoch: 0)

    /// Instances are written as the number of their revision and a letter: r is ready, s starting, e given up, g giving
    /// back what it holds after that, x stopped, b waiting for capacity that another may hold.
    struct Row: Sendable, CustomTestStringConvertible {
        /// Percents of the revisions from 1 on; nil is none.
        var percents: [Int?] = [nil, 10]
        var replicas = 3
        let instances: String
        /// What is done next, with instances counted from 0; nil if nothing is left to be done.
        let change: String?

        var testDescription: String { "\(percents.map { $0 ?? 0 }) \(replicas): \(instances) → \(change ?? "nothing")" }
    }

    static let rows: [Row] = [
        // Beside the stable revision, and no further.
        Row(instances: "1r 1r 1r", change: "start 2"),
        Row(instances: "1r 1r 1r 2s", change: nil),
        Row(instances: "1r 1r 1r 2r", change: nil),
        Row(instances: "1r 1s 1r 2r", change: nil),
        Row(percents: [nil, 50], instances: "1r 1r 1r 2r", change: "start 2"),
        Row(percents: [nil, 50], instances: "1r 1r 1r 2r 2r", change: nil),
        Row(percents: [nil, 99], replicas: 1, instances: "1r 2r", change: nil),
        Row(
            percents: [nil, 1], replicas: 64,
            instances: Array(repeating: "1r", count: 64).joined(separator: " ") + " 2r", change: nil),
        // The percent and the replicas go up and down.
        Row(percents: [nil, nil, 10], instances: "1r 1r 1r 3r 3s", change: "retire 4"),
        Row(percents: [nil, nil, 10], instances: "1r 1r 1r 3r 3r", change: "retire 4 draining"),
        Row(replicas: 5, instances: "1r 1r 1r 2r", change: "start 1"),
        Row(replicas: 2, instances: "1r 1r 1r 2r", change: "retire 2 draining"),
        Row(replicas: 0, instances: "1r 2r", change: "retire 1 draining"),
        Row(replicas: 0, instances: "1r", change: "retire 0 draining"),
        // Nothing is left beside which it could be tried.
        Row(instances: "1x 1x", change: "start 2"),
        Row(instances: "1x 2r", change: "start 2"),
        Row(instances: "1x 2r 2r 2r", change: nil),
        Row(percents: [10], instances: "1r 1r", change: "start 1"),
        // No room is made for it, and it is not tried again and again.
        Row(instances: "1r 1r 1r 2b", change: nil),
        Row(percents: [nil, 50], instances: "1r 1r 1r 2g", change: nil),
        Row(percents: [nil, 50], instances: "1r 1r 1r 2e", change: nil),
        Row(instances: "1r 1r 1r 2e 2r", change: "forget 3"),
        Row(instances: "1r 1r 1e 2r", change: nil),
        // One that was tried before gives way, and is stable for nobody.
        Row(percents: [nil, 10, 10], instances: "1r 1r 1r 2r", change: "retire 3 draining"),
        Row(percents: [nil, 10, 10], instances: "1r 1r 1r 2s", change: "retire 3"),
        Row(percents: [nil, 10, 10], instances: "1r 1r 1r 2e", change: "forget 3"),
        Row(percents: [nil, 10, 10], instances: "1r 1r 1r", change: "start 3"),
        Row(percents: [nil, 10, nil], instances: "1r 1r 1r 2r", change: "retire 3 draining"),
        Row(percents: [nil, 10, nil], instances: "2r 2r 2r 3r", change: "retire 0 draining"),
        Row(percents: [nil, 10, nil], instances: "2r 2r 2r 3s", change: nil),
        // The percent is cleared: an ordinary roll-over from there.
        Row(percents: [nil, nil], instances: "1r 1r 1r 2r", change: "retire 0 draining"),
        Row(percents: [nil, nil], instances: "1r 1r 2r", change: "start 2"),
        // The stable revision itself is still taking over.
        Row(percents: [nil, nil, 10], instances: "1r 1r 2s", change: "start 2"),
        Row(percents: [nil, nil, 10], instances: "1r 1r 2s 2s", change: "start 3"),
        Row(percents: [nil, nil, 10], instances: "1r 1r 2r 2r 3r", change: "retire 0 draining"),
        Row(percents: [nil, nil, 10], instances: "1r 1r 1r 2e 3r", change: "forget 3"),
    ]

    @Test(arguments: rows) func goesAsFarAsThePercentSays(row: Row) throws {
        let service = try service(row)
        let change = Rollout(service, policy: ReconciliationPolicy()).nextChange
        #expect(change.map { text($0, service) } == row.change)
    }

    @Test(arguments: [
        (1, 1, 1), (1, 99, 1), (3, 33, 1), (3, 34, 2), (10, 10, 1), (10, 11, 2), (10, 99, 10), (64, 50, 32),
    ])
    func roundsItsInstancesUp(replicas: Int, percent: Int, count: Int) throws {
        let service = try service(Row(percents: [nil, percent], replicas: replicas, instances: "1r", change: nil))
        #expect(service.instancesWanted == [1: replicas, 2: count])
    }

    @Test(
        arguments: [
            ("1r 1r 1r 2r", [1: 90, 2: 10]), ("1r 1r 1r 2s", nil), ("1s 1s 1s 2r", nil), ("1x 2r", nil),
            ("1r 2r 2r", [1: 90, 2: 10]),
        ] as [(String, [Int: Int]?)])
    func weighsOnlyWhatIsReadyOnBothSides(instances: String, weights: [Int: Int]?) throws {
        #expect(try service(Row(instances: instances, change: nil)).trafficWeights == weights)
    }

    @Test(
        arguments: [
            ([nil, 10, 20], "1r 2r 3r", [1: 80, 2: 0, 3: 20]), ([nil, nil, 10], "1r 1r 2r 3r", [1: 60, 2: 30, 3: 10]),
            ([nil, nil, 1], "1r 1r 2r 3r", [1: 66, 2: 33, 3: 1]), ([nil, nil, 50], "1r 1r 2s 3r", nil),
        ] as [([Int?], String, [Int: Int]?)])
    func sharesTheRestAmongThoseThatServe(percents: [Int?], instances: String, weights: [Int: Int]?) throws {
        #expect(try service(Row(percents: percents, instances: instances, change: nil)).trafficWeights == weights)
    }

    private func service(_ row: Row) throws -> ModelService {
        let words = row.instances.split(separator: " ")
        var configuration = Simulation.configuration(replicas: row.replicas)
        var service = ModelService(
            id: ModelServiceID(UUIDv7(high: 2, low: 2)), name: try #require(ServiceName("chat")), ownerID: "admin",
            configuration: configuration,
            instanceIDs: words.indices.map { ModelServiceInstanceID(UUIDv7(high: 1, low: UInt64($0))) }, at: Self.now)
        service.revisions = row.percents.enumerated().map { index, percent in
            configuration.modelVersion = ModelVersionSelector(index + 1)
            configuration.canaryPercent = percent
            return Revision(number: index + 1, configuration: configuration, createdAt: Self.now)
        }
        for (index, word) in words.enumerated() {
            service.instances[index].revision = try #require(Int(word.dropLast()))
            service.instances[index].url = "http://127.0.0.1:1"
            switch word.last {
            case "r": service.instances[index].phase = .running
            case "s": service.instances[index].phase = .starting
            case "e", "g":
                service.instances[index].goal = .giveUp
                service.instances[index].phase = word.last == "e" ? .error : .releasing
            case "b":
                service.instances[index].phase = .claiming
                service.instances[index].failure = Failure(.insufficientCapacity, "no room")
                service.instances[index].nextRetryAt = Self.now + .seconds(1)
            default:
                service.instances[index].goal = .stop
                service.instances[index].phase = .stopped
            }
        }
        return service
    }

    private func text(_ change: RolloutChange, _ service: ModelService) -> String {
        func index(_ id: ModelServiceInstanceID) -> Int { service.instances.firstIndex { $0.id == id } ?? -1 }
        return switch change {
        case .start(let revision): "start \(revision)"
        case .retire(let id, let draining): "retire \(index(id))\(draining ? " draining" : "")"
        case .forget(let id): "forget \(index(id))"
        case .removeService: "remove"
        }
    }
}

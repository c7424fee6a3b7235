import Foundation
import HTTP
import JSON
import Testing

/// A whole control plane on a real API server, where what was recorded of RayServices and a real operator happens once
/// more.
@Suite(
    .serialized, .timeLimit(.minutes(5)),
    .enabled(if: OperatorSeat.folder != nil, "needs the API server of make test-kubernetes"))
struct RealClusterLifecycleTests {
    /// What users are to see of a status.
    private enum Sight: Equatable {
        case ready, notReady, either
        case failed(String)
    }

    @Test(arguments: [
        "A-create-to-running", "B-inplace-serveconfig", "C-newcluster-upgrade", "D-add-worker-group", "E-replicas-only",
        "G-deploy-failed", "I-suspend-resume", "J-initializing-timeout", "K-incremental-upgrade", "K2-rollback",
        "L-unschedulable", "M-head-pod-deleted", "N",
    ])
    func theServiceFollows(lifecycle: String) async throws {
        try await onCluster { seat, stack in
            let service = try await Self.service("life", stack)
            let object = try await seat.object(of: service)
            var wasReady = false
            for (index, status) in try OperatorSeat.statuses(lifecycle).enumerated() {
                let sight = Self.sight(of: status, wasReady: wasReady)
                try await seat.write(status, to: object)
                try await Self.see(sight, of: service, stack, "\(lifecycle), status \(index)")
                if case .failed = sight { break }
                wasReady = wasReady || sight == .ready
            }
            #expect(wasReady || lifecycle.hasPrefix("G") || lifecycle.hasPrefix("J"))
            try await Self.delete(service, stack)
            #expect(try await seat.objects().isEmpty)
        }
    }

    @Test func aDeletionWaitsForTheOperator() async throws {
        try await onCluster { seat, stack in
            let service = try await Self.service("goes", stack)
            let object = try await seat.object(of: service)
            try await seat.setFinalizers(["ray.io/rayservice-finalizer"], of: object.name)
            #expect(try await stack.send(.delete, "/model_services/\(service)", of: .serving).status == 202)
            _ = try await eventually("the RayService is not being deleted") {
                try await seat.objects().first { $0["metadata"]?["deletionTimestamp"] != nil }
            }
            #expect(try await stack.send(.get, "/model_services/\(service)", of: .serving).status == 200)
            try await seat.setFinalizers([], of: object.name)
            _ = try await eventually("the service is not gone") {
                try await stack.send(.get, "/model_services/\(service)", of: .serving).status == 404 ? true : nil
            }
            #expect(try await seat.objects().isEmpty)
        }
    }

    @Test func whatIsNotOursIsLeftAlone() async throws {
        try await onCluster { seat, stack in
            let service = try await Self.service("mine", stack)
            guard case .object(var foreign) = try await seat.object(of: service) else { return }
            foreign["metadata"] = ["name": "somebody-elses", "namespace": .string(OperatorSeat.namespace)]
            foreign["status"] = nil
            let path = "/apis/ray.io/v1/namespaces/\(OperatorSeat.namespace)/rayservices"
            _ = try await seat.call(.post, path, .object(foreign))
            try await Self.delete(service, stack)
            #expect(try await seat.objects().map(\.name) == ["somebody-elses"])
            _ = try await seat.call(.delete, "\(path)/somebody-elses")
        }
    }

    @Test func comesBackAsItWasAfterAKill() async throws {
        try await onCluster { seat, stack in
            let service = try await Self.service("stays", stack)
            let object = try await seat.object(of: service)
            let statuses = try OperatorSeat.statuses("A-create-to-running")
            try await seat.write(try #require(statuses.last), to: object)
            try await Self.see(.ready, of: service, stack, "before")
            _ = try await stack.end(.serving, by: SIGKILL)
            try stack.start(.serving)
            try await stack.untilReady(.serving)
            try await Self.see(.ready, of: service, stack, "after")
            #expect(try await seat.objects().map(\.name) == [object.name])
            try await Self.delete(service, stack)
        }
    }

    /// Prints for the record how long that takes.
    @Test func aStatusSoonIsARoute() async throws {
        try await onCluster { seat, stack in
            let service = try await Self.service("soon", stack)
            let object = try await seat.object(of: service)
            let ready = try #require(try OperatorSeat.statuses("A-create-to-running").last)
            let clock = ContinuousClock()
            let begin = clock.now
            try await seat.write(ready, to: object)
            let written = clock.now
            _ = try await eventually("there is no route") {
                let routes = try await stack.send(.get, "/routes", of: .serving).json["routes"]?.arrayValue ?? []
                return routes.first { $0["service_id"]?.stringValue == service }?["upstreams"]?.arrayValue?.first
            }
            print("a status took \(written - begin) to write, and was a route \(clock.now - written) later")
            try await Self.delete(service, stack)
        }
    }

    // MARK: Parts

    private func onCluster(_ body: (OperatorSeat, ControlPlaneStack) async throws -> Void) async throws {
        let seat = try OperatorSeat()
        let settings = ["SLIPWAY_KUBECONFIG": seat.kubeconfig, "SLIPWAY_INSTALLATION": "lifecycles"]
        try await ControlPlaneStack.run(ServingScenario.members, settings: settings) { stack in
            try await body(seat, stack)
        }
        await seat.leave()
    }

    private static func service(_ name: String, _ stack: ControlPlaneStack) async throws -> String {
        let scenario = ServingScenario(stack: stack)
        try await scenario.pool("cpu", "CPU", 8000)
        try await scenario.pool("memory", "Memory", 8192)
        let model = try await stack.send(.post, "/models", of: .models, ["name": .string("m-\(name)")])
        let id = try #require(model.json["id"]?.stringValue, "\(model.json)")
        let version: JSONValue = [
            "model_file_url": "https://models.example/tiny.tar.gz",
            "sha256": .string(String(repeating: "ab", count: 32)),
        ]
        #expect(try await stack.send(.post, "/models/\(id)/versions", of: .models, version).status == 201)
        let path = try await scenario.service(
            name, of: id,
            [
                ("runtime", "kuberay"), ("engine", ["kind": "vllm"]),
                ("resource_requirements", ["cpu": "2", "memory": "4Gi"]),
                ("runtime_options", ["image": "rayproject/ray:2.46.0"]),
            ])
        return String(path.split(separator: "/")[1])
    }

    private static func delete(_ service: String, _ stack: ControlPlaneStack) async throws {
        #expect(try await stack.send(.delete, "/model_services/\(service)", of: .serving).status == 202)
        _ = try await eventually("\(service) is not gone") {
            try await stack.send(.get, "/model_services/\(service)", of: .serving).status == 404 ? true : nil
        }
    }

    /// Ready: the condition, about the object as it is, nothing pending, and every application runs.
    private static func sight(of status: JSONValue, wasReady: Bool) -> Sight {
        let conditions = status["conditions"]?.arrayValue ?? []
        let ready = conditions.first { $0["type"]?.stringValue == "Ready" }
        if let reason = ready?["reason"]?.stringValue, ["ValidationFailed", "InitializingTimeout"].contains(reason) {
            return .failed(ready?["message"]?.stringValue ?? "")
        }
        let parts = ["activeServiceStatus", "pendingServiceStatus"].map { status[$0]?["applicationStatuses"] }
        let (active, pending) = (parts[0]?.objectValue?.members ?? [], parts[1]?.objectValue?.members ?? [])
        let failed = (active + pending).first { $0.value["status"]?.stringValue == "DEPLOY_FAILED" }
        if !wasReady, let failed { return .failed(failed.value["message"]?.stringValue ?? "") }
        guard ready?["status"]?.stringValue == "True" else { return .notReady }
        let isPending = status["pendingServiceStatus"]?["rayClusterName"]?.stringValue?.isEmpty == false
        let allRun = !active.isEmpty && active.allSatisfy { $0.value["status"]?.stringValue == "RUNNING" }
        if !isPending, allRun { return .ready }
        // What ran before may still answer.
        return wasReady ? .either : .notReady
    }

    private static func see(
        _ sight: Sight, of service: String, _ stack: ControlPlaneStack, _ place: String
    ) async throws {
        var last = JSONValue.null
        _ = try await eventually("\(place): expected \(sight), seen \(last)") {
            last = try await stack.send(.get, "/model_services/\(service)", of: .serving).json
            let instance = last["instances"]?.arrayValue?.last
            switch sight {
            case .either: return true
            case .ready:
                let isRight = instance?["url"]?.stringValue?.hasSuffix("-serve-svc.models.svc:8000") == true
                return last["status"]?.stringValue == "running" && isRight ? true : nil
            case .notReady: return last["status"]?.stringValue == "running" ? nil : true
            case .failed(let words):
                let message = last["failure"]?["message"]?.stringValue ?? ""
                return message.contains(words) && last["operator_action"] != nil ? true : nil
            }
        }
    }
}

import Domain
import JSON
import Kubernetes
import KubernetesObjects
import ModelServingCore
import Testing

@testable import KubernetesRuntime

struct InstanceViewTests {
    @Test(arguments: [
        (heardSince: Int64?.some(7_100_000), isLate: false),
        (heardSince: 7_000_000, isLate: true),
        (heardSince: nil, isLate: true),
    ])
    func timeForWhichTheClusterWasAwayIsNotHeldAgainstIt(heardSince: Int64?, isLate: Bool) {
        var handle = ClusterHandle(name: "chat", startedAt: Timestamp(millisecondsSinceEpoch: 0))
        let coming = view(handle, heardSince).observation().state
        #expect(coming == (isLate ? .failed(Failure(.neverHealthy, Self.neverReady)) : .preparing))
        handle.wasReady = true
        handle.unreadySince = Timestamp(millisecondsSinceEpoch: 0)
        let lost = view(handle, heardSince).observation().state
        #expect(lost == (isLate ? .failed(Failure(.unhealthy, Self.noAnswer)) : .unready(Self.nothingLeft)))
    }

    private static let neverReady = "not ready within 1800.0 seconds: there is no pod of it"
    private static let noAnswer = "has not answered for 1800.0 seconds: no pod of it is left"
    private static let nothingLeft = Failure(.unhealthy, "no pod of it is left")

    /// Two hours after it began, without a pod.
    private func view(_ handle: ClusterHandle, _ heardSince: Int64?) -> InstanceView {
        InstanceView(
            workload: WorkloadState(KubernetesObject(["metadata": ["name": "chat"], "spec": ["replicas": 1]])),
            pods: [],
            handle: handle, startLimit: .seconds(1800), url: "http://chat",
            now: Timestamp(millisecondsSinceEpoch: 7_200_000),
            heardSince: heardSince.map { Timestamp(millisecondsSinceEpoch: $0) })
    }
}

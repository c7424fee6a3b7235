import Domain
import JSON
import Kubernetes
import KubernetesObjects
import ModelServingCore
import RayRuntime

/// What matters of a RayService.
struct RayServiceState: Hashable, Sendable {
    struct Application: Hashable, Sendable {
        let name: String
        /// `NOT_STARTED`, `DEPLOYING`, `RUNNING`, `DEPLOY_FAILED`, `DELETING` or `UNHEALTHY`.
        let status: String
        let message: String
        let deployments: [Deployment]
    }

    struct Deployment: Hashable, Sendable {
        let name: String
        let status: String
        let message: String
    }

    let name: String
    let uid: String
    let instance: ModelServiceInstanceID?
    let service: ModelServiceID?
    let createdAt: Timestamp?
    /// It was deleted, and waits for what the operator does then.
    let terminatingSince: Timestamp?
    let isTerminating: Bool
    /// The status speaks of the object as it is now.
    let isUpToDate: Bool
    let ready: KubernetesCondition?
    let activeCluster: String?
    /// Nil once the cluster serves.
    let pendingCluster: String?
    /// What the application is told; nil if it decides itself.
    let declaredReplicas: Int?
    let activeApplications: [Application]
    let pendingApplications: [Application]

    init(_ object: KubernetesObject) {
        name = object.name
        uid = object.uid
        instance = Ownership.instance(of: object)
        service = Ownership.service(of: object)
        createdAt = object.createdAt
        isTerminating = object.isTerminating
        terminatingSince = object.value["metadata"]?["deletionTimestamp"]?.stringValue.flatMap(Timestamp.init)
        let status = object.status
        isUpToDate = status?["observedGeneration"]?.integerValue == object.generation
        ready = object.condition("Ready")
        let (active, pending) = (status?["activeServiceStatus"], status?["pendingServiceStatus"])
        activeCluster = Self.cluster(active)
        pendingCluster = Self.cluster(pending)
        let declared = object.spec?["serveConfigV2"]?.stringValue.flatMap { try? JSONParser.parse($0) }
        declaredReplicas = ApplicationConfiguration.replicas(in: declared?["applications"]?.arrayValue?.first)
        activeApplications = Self.applications(active)
        pendingApplications = Self.applications(pending)
    }

    var applications: [Application] { activeApplications + pendingApplications }

    /// It answers, and what answers is what was asked for. `Ready` alone stays while applications are built anew.
    var isReady: Bool {
        isReachable && pendingCluster == nil && isUpToDate && !activeApplications.isEmpty
            && activeApplications.allSatisfy { $0.status == "RUNNING" }
    }

    /// Somebody answers requests. While a change is put to a cluster in place, its applications count as deploying; and
    /// while its head is replaced, nothing is known of them.
    var isReachable: Bool {
        ready?.isTrue == true && activeCluster != nil
            && activeApplications.allSatisfy { $0.status == "RUNNING" || $0.status == "DEPLOYING" }
    }

    private static func cluster(_ status: JSONValue?) -> String? {
        status?["rayClusterName"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
    }

    private static func applications(_ status: JSONValue?) -> [Application] {
        let members = status?["applicationStatuses"]?.objectValue?.members ?? []
        return members.sorted { $0.name < $1.name }.map { name, value in
            let deployments = value["serveDeploymentStatuses"]?.objectValue?.members ?? []
            return Application(
                name: name, status: value["status"]?.stringValue ?? "", message: value["message"]?.stringValue ?? "",
                deployments: deployments.sorted { $0.name < $1.name }.map { name, value in
                    Deployment(
                        name: name, status: value["status"]?.stringValue ?? "",
                        message: value["message"]?.stringValue ?? "")
                })
        }
    }
}

/// A Warning about a RayService. Some faults are told nowhere else.
struct RayServiceWarning: Hashable, Sendable {
    let object: String
    let reason: String
    let message: String
    let lastSeen: String

    /// Nil for one that says nothing about how the service fares.
    init?(_ event: KubernetesObject) {
        let subject = event.value["involvedObject"] ?? event.value["regarding"]
        guard subject?["kind"]?.stringValue == KubernetesKind.rayService.name,
            let name = subject?["name"]?.stringValue, event.value["type"]?.stringValue == "Warning",
            let reason = event.value["reason"]?.stringValue, reason != "FailedToUpdateHeadPodServeLabel"
        else { return nil }
        object = name
        self.reason = reason
        message = event.value["message"]?.stringValue ?? event.value["note"]?.stringValue ?? ""
        lastSeen = event.value["lastTimestamp"]?.stringValue ?? event.value["eventTime"]?.stringValue ?? ""
    }
}

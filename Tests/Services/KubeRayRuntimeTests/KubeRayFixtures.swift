import Domain
import Foundation
import JSON
import Kubernetes
import KubernetesObjects
import ModelServingCore
import TestSupport

@testable import KubeRayRuntime

enum KubeRayFixtures {
    static func data(_ name: String) -> [UInt8] {
        let folder = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(
            separator: "/")
        return FileManager.default.contents(atPath: "\(folder)/Fixtures/KubeRay/\(name)").map(Array.init) ?? []
    }

    /// The API server's schema of a RayService, as far as we write any: whatever else is in an object is refused.
    static func schema() throws -> JSONValue { try JSONParser.parse(data("rayservice-schema.json")) }

    static func deployment(
        _ url: String = "https://models.example/chat.tar.gz", name: String = "tiny-chat", replicas: Int = 1,
        instance: UUIDv7? = nil, revision: Int = 1,
        requirements: ResourceRequirements = ResourceRequirements(cpuMillicores: 2000, memoryMebibytes: 4096),
        engine: EngineConfiguration? = EngineConfiguration(kind: .vllm, contextLength: 512),
        _ edit: (inout RuntimeOptions) -> Void = { _ in }
    ) -> Deployment {
        var options = RuntimeOptions()
        options.image = "registry.example/ray-vllm:2.60"
        edit(&options)
        let id = instance ?? UUIDv7(high: .random(in: 1...UInt64.max), low: .random(in: 1...UInt64.max))
        return Deployment(
            serviceID: ModelServiceID(UUIDv7(high: 2, low: id.low)),
            serviceName: ServiceName(name) ?? fallbackName, instanceID: ModelServiceInstanceID(id), revision: revision,
            model: ResolvedModel(
                modelID: ModelID(UUIDv7(high: 1, low: 1)), version: 1, fileURL: url,
                sha256: String(repeating: "a", count: 64)),
            requirements: requirements, replicas: replicas, engine: engine, options: options)
    }

    static var fallbackName: ServiceName { preconditionFailure("not a service's name") }

    static func manifest(_ deployment: Deployment) -> RayServiceManifest {
        RayServiceManifest(
            deployment: deployment, ownership: Ownership(installation: "test"), images: ModelVolume.Images())
    }
}

import Domain
import FakeKubernetes
import JSON
import Kubernetes
import KubernetesObjects
import ModelServingCore
import TestSupport
import Testing

@testable import KubernetesRuntime

struct InstanceManifestsTests {
    private let owner = Ownership(installation: "test")

    private func manifests(_ deployment: Deployment) -> InstanceManifests {
        InstanceManifests(deployment, owner: owner, images: ModelVolume.Images())
    }

    @Test func everyServiceGetsValidNamesLabelsAndQuantities() throws {
        for seed in 0..<400 as Range<UInt64> {
            var generator = SeededGenerator(seed: seed)
            let deployment = Self.random(&generator)
            let manifests = manifests(deployment)
            let name = Comment("seed \(seed)")
            #expect(NameRules.isDNS1035(manifests.name), name)
            #expect(manifests.name.utf8.count <= 41, name)
            for object in [manifests.workload, manifests.service] {
                for (label, value) in object["metadata"]?["labels"]?.objectValue?.members ?? [] {
                    #expect(NameRules.isQualifiedName(label), name)
                    #expect(NameRules.isLabelValue(value.stringValue ?? "?!"), name)
                }
            }
            let pod = manifests.workload["spec"]?["template"]?["spec"] ?? manifests.workload["spec"]
            let engine = pod?["containers"]?.arrayValue?.first
            for kind in ["requests", "limits"] {
                for (_, value) in engine?["resources"]?[kind]?.objectValue?.members ?? [] {
                    #expect(NameRules.isQuantity(value.stringValue ?? ""), name)
                }
            }
            #expect(manifests.workload == self.manifests(deployment).workload, name)
        }
    }

    @Test func instancesMadeAtTheSameTimeHaveDifferentNames() {
        let first = KubernetesWorld.deployment(image: "i", instance: UUIDv7(high: 0x0199_0000_0000_7000, low: 1))
        let second = KubernetesWorld.deployment(image: "i", instance: UUIDv7(high: 0x0199_0000_0000_7000, low: 2))
        #expect(ObjectName(first) != ObjectName(second))
    }

    @Test func anEngineMayDoNothingThatItNeedNot() {
        let workload = manifests(KubernetesWorld.deployment(image: "i")).workload
        let pod = workload["spec"]?["template"]?["spec"]
        #expect(pod?["automountServiceAccountToken"] == false)
        #expect(pod?["securityContext"]?["runAsNonRoot"] == true)
        #expect(pod?["securityContext"]?["seccompProfile"] == ["type": "RuntimeDefault"])
        let containers =
            (pod?["containers"]?.arrayValue ?? []) + (pod?["initContainers"]?.arrayValue ?? [])
        #expect(containers.count == 3)
        for container in containers {
            #expect(container["securityContext"]?["readOnlyRootFilesystem"] == true)
            #expect(container["securityContext"]?["allowPrivilegeEscalation"] == false)
            #expect(container["securityContext"]?["capabilities"] == ["drop": ["ALL"]])
        }
        #expect(pod?["volumes"]?.arrayValue?.compactMap { $0["name"]?.stringValue } == ["models", "tmp"])
        #expect(pod?["containers"]?.arrayValue?.first?["volumeMounts"]?.arrayValue?.first?["readOnly"] == true)
    }

    @Test func aCommandKnowsWhereTheModelIs() {
        let deployment = KubernetesWorld.deployment(image: "i") { options in
            options.command = ["run", "{model_path}", "--port", "{port}", "{service_name}"]
            options.port = 9000
        }
        let spec = manifests(deployment).workload["spec"]?["template"]?["spec"]
        #expect(
            spec?["containers"]?.arrayValue?.first?["command"]
                == ["run", "/models/weights.gguf", "--port", "9000", "tiny-chat"])
        let own = KubernetesWorld.deployment(image: "i") { $0.command = ["run"] }
        #expect(manifests(own).workload["spec"]?["template"]?["spec"]?["initContainers"] == nil)
    }

    @Test func aPodOnANodeGoesThroughTheScheduler() {
        let manifests = manifests(KubernetesWorld.deployment(image: "i", isEdge: true))
        #expect(manifests.workload["kind"] == "Pod")
        let terms = manifests.workload["spec"]?["affinity"]?["nodeAffinity"]?[
            "requiredDuringSchedulingIgnoredDuringExecution"]?["nodeSelectorTerms"]
        #expect(terms?.arrayValue?.first?["matchFields"]?.arrayValue?.first?["values"] == [.string(PodPlayer.node)])
        #expect(manifests.workload["spec"]?["nodeName"] == nil)
    }

    private static func random(_ generator: inout SeededGenerator) -> Deployment {
        let letters = Array("abcxyz019-")
        var name = ""
        let length = Int.random(in: 1...63, using: &generator)
        for index in 0..<length {
            let isEdge = index == 0 || index == length - 1
            name.append((isEdge ? letters.dropLast() : letters[...]).randomElement(using: &generator) ?? "a")
        }
        return Deployment(
            serviceID: ModelServiceID(UUIDv7(high: generator.next(), low: generator.next())),
            serviceName: ServiceName(name) ?? KubernetesWorld.fallbackName,
            instanceID: ModelServiceInstanceID(UUIDv7(high: generator.next(), low: generator.next())),
            revision: Int.random(in: 1...1_000_000, using: &generator),
            model: ResolvedModel(
                modelID: ModelID(UUIDv7(high: 1, low: 1)), version: 1,
                fileURL: ["s3://b/m.tar.gz", "https://x/y?z", "http://h/.hidden"].randomElement(using: &generator)
                    ?? "",
                sha256: String(repeating: "0", count: 64)),
            requirements: ResourceRequirements(
                gpuDevices: .random(in: 0...16, using: &generator),
                cpuMillicores: .random(in: 0...1_000_000, using: &generator),
                memoryMebibytes: .random(in: 0...10_000_000, using: &generator)),
            replicas: Int.random(in: 0...64, using: &generator),
            engine: Bool.random(using: &generator) ? EngineConfiguration(kind: .vllm, tensorParallelSize: 2) : nil,
            options: {
                var options = RuntimeOptions()
                options.image = "i"
                if Bool.random(using: &generator) { options.nodeName = "n" }
                return options
            }())
    }
}

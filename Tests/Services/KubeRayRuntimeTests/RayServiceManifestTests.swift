import Domain
import FakeKubernetes
import JSON
import Kubernetes
import KubernetesObjects
import ModelServingCore
import TestSupport
import Testing

@testable import KubeRayRuntime

@Suite struct RayServiceManifestTests {
    /// Every rule that the API server or the operator has for what we write; the latter would be heard of only later,
    /// or never.
    static func faults(of object: JSONValue, _ schema: JSONValue) -> [String] {
        var faults = SchemaCheck(object, schema).faults
        func demand(_ isSo: Bool, _ words: String) { if !isSo { faults.append(words) } }
        let name = object["metadata"]?["name"]?.stringValue ?? ""
        demand(NameRules.isDNS1035(name) && name.utf8.count <= RayServiceManifest.maximumNameLength, "name \(name)")
        let cluster = object["spec"]?["rayClusterConfig"]
        let groups = cluster?["workerGroupSpecs"]?.arrayValue ?? []
        demand(object["spec"]?["upgradeStrategy"] == ["type": "None"], "an upgrade strategy")
        for group in groups {
            let (least, now, most) = (group["minReplicas"], group["replicas"], group["maxReplicas"])
            demand(
                (least?.integerValue ?? -1) <= (now?.integerValue ?? -1)
                    && (now?.integerValue ?? -1) <= (most?.integerValue ?? -1), "replicas out of their range")
        }
        let templates = ([cluster?["headGroupSpec"]] + groups.map(Optional.some)).compactMap { $0?["template"] }
        demand(templates.count == 2, "two templates")
        for metadata in [object["metadata"]] + templates.map({ $0["metadata"] }) {
            for (label, value) in metadata?["labels"]?.objectValue?.members ?? [] {
                demand(NameRules.isQualifiedName(label), "label \(label)")
                demand(NameRules.isLabelValue(value.stringValue ?? "?!"), "label \(label)=\(value)")
            }
        }
        for container in templates.flatMap({ $0["spec"]?["containers"]?.arrayValue ?? [] }) {
            for kind in ["requests", "limits"] {
                for (resource, value) in container["resources"]?[kind]?.objectValue?.members ?? [] {
                    demand(NameRules.isQuantity(value.stringValue ?? ""), "\(resource) \(value)")
                }
            }
        }
        let head = templates.first?["spec"]?["containers"]?.arrayValue?.first
        demand(head?["ports"]?.arrayValue?.contains { $0["name"] == "serve" } == true, "no port named serve")
        let text = object["spec"]?["serveConfigV2"]?.stringValue ?? ""
        let applications = (try? JSONParser.parse(text))?["applications"]?.arrayValue ?? []
        demand(applications.count == 1 && applications.first?["import_path"]?.stringValue != nil, "no application")
        return faults
    }

    @Test func everyServiceGetsAnObjectThatNobodyRefuses() throws {
        let schema = try KubeRayFixtures.schema()
        for seed in 0..<300 as Range<UInt64> {
            var generator = SeededGenerator(seed: seed)
            let deployment = Self.random(&generator)
            let manifest = KubeRayFixtures.manifest(deployment)
            let faults = Self.faults(of: manifest.value, schema)
            #expect(faults.isEmpty, "seed \(seed): \(faults)")
            #expect(manifest.value == KubeRayFixtures.manifest(deployment).value, "seed \(seed)")
        }
    }

    @Test func theCheckFindsWhatWasSeenToBeRefused() throws {
        let schema = try KubeRayFixtures.schema()
        let good = KubeRayFixtures.manifest(KubeRayFixtures.deployment()).value
        #expect(Self.faults(of: good, schema).isEmpty)
        let spoilings: [(path: [String], value: JSONValue?)] = [
            (["spec", "rayClusterConfig"], nil), (["spec", "rayClusterConfig", "headGroupSpec"], nil),
            (["spec", "rayClusterConfig", "headGroupSpec", "template", "spec", "containers"], nil),
            (["spec", "rayClusterConfig", "headGroupSpec", "rayStartParams"], ["num-cpus": 0]),
            (["spec", "serveConfigV2"], [:]), (["spec", "serveConfigV2"], ""),
            (["spec", "rayClusterConfig", "autoscalerOptions", "upscalingMode"], "Eager"),
            (["spec", "rayClusterConfig", "autoscalerOptions", "version"], "v3"),
            (["spec", "upgradeStrategy", "type"], "Rolling"), (["spec", "unknown"], 1),
            (["metadata", "name"], "dotted.name"), (["metadata", "name"], "4chat"),
            (["metadata", "name"], .string(String(repeating: "a", count: 48))),
            (["metadata", "labels", "a"], "not a label!"),
        ]
        for spoiling in spoilings {
            let bad = good.replacing(spoiling.path[...], with: spoiling.value)
            #expect(!Self.faults(of: bad, schema).isEmpty, "\(spoiling.path)")
        }
    }

    @Test func aDeploymentThatIsNamedHasTheReplicas() throws {
        let deployment = KubeRayFixtures.deployment(
            replicas: 2, requirements: ResourceRequirements(gpuDevices: 1, cpuMillicores: 1500, memoryMebibytes: 4096),
            engine: nil
        ) { options in
            options.importPath = "app:build"
            options.deploymentName = "Chat"
        }
        let text = KubeRayFixtures.manifest(deployment).value["spec"]?["serveConfigV2"]?.stringValue ?? ""
        let expected: JSONValue = [
            "name": "Chat", "num_replicas": 2, "autoscaling_config": nil,
            // All of a worker's memory, so that there is one replica on each.
            "ray_actor_options": ["num_cpus": 1.5, "num_gpus": 1, "memory": 4_294_967_296],
        ]
        #expect(try JSONParser.parse(text)["applications"]?.arrayValue?.first?["deployments"] == [expected])
    }

    @Test func scalingChangesNothingButTheNumberOfReplicas() throws {
        let instance = UUIDv7(high: 7, low: 7)
        let one = KubeRayFixtures.manifest(KubeRayFixtures.deployment(replicas: 1, instance: instance)).value
        let three = KubeRayFixtures.manifest(KubeRayFixtures.deployment(replicas: 3, instance: instance, revision: 2))
            .value
        func application(_ object: JSONValue) throws -> JSONValue {
            let text = try #require(object["spec"]?["serveConfigV2"]?.stringValue)
            return try #require(try JSONParser.parse(text)["applications"]?.arrayValue?.first)
        }
        #expect(try application(one)["args"] == application(three)["args"])
        #expect(try application(one)["deployments"]?.arrayValue?.first?["num_replicas"] == 1)
        #expect(try application(three)["deployments"]?.arrayValue?.first?["num_replicas"] == 3)
        #expect(try application(one)["route_prefix"] == "/")
        // The operator makes a new cluster of any other change of it.
        func cluster(_ object: JSONValue) -> JSONValue? {
            var groups = object["spec"]?["rayClusterConfig"]?["workerGroupSpecs"]?.arrayValue ?? []
            groups = groups.map { $0.replacing(["replicas"], with: nil) }
            return object["spec"]?["rayClusterConfig"]?.replacing(["workerGroupSpecs"], with: .array(groups))
        }
        #expect(cluster(one) == cluster(three))
    }

    @Test func workersGetTheModelAndTheHeadDoesNot() throws {
        let object = KubeRayFixtures.manifest(KubeRayFixtures.deployment()).value
        let cluster = object["spec"]?["rayClusterConfig"]
        let worker = cluster?["workerGroupSpecs"]?.arrayValue?.first?["template"]?["spec"]
        let names = worker?["initContainers"]?.arrayValue?.map { $0["name"] }
        #expect(names == ["fetch-model", "check-model"])
        #expect(cluster?["headGroupSpec"]?["template"]?["spec"]?["initContainers"] == nil)
        #expect(worker?["automountServiceAccountToken"] == false)
        let text = try #require(object["spec"]?["serveConfigV2"]?.stringValue)
        #expect(text.contains("\"model_source\":\"/models/model\""))
        let own = KubeRayFixtures.manifest(KubeRayFixtures.deployment(engine: nil) { $0.importPath = "app:build" })
            .value
        let plain = own["spec"]?["rayClusterConfig"]?["workerGroupSpecs"]?.arrayValue?.first?["template"]?["spec"]
        #expect(plain?["initContainers"] == nil)
    }

    private static func random(_ generator: inout SeededGenerator) -> Deployment {
        let letters = Array("abcdefghijklmnopqrstuvwxyz0123456789-")
        var name = ""
        for _ in 0..<Int.random(in: 1...63, using: &generator) {
            name.append(letters.randomElement(using: &generator) ?? "a")
        }
        while name.hasPrefix("-") { name.removeFirst() }
        while name.hasSuffix("-") { name.removeLast() }
        if name.isEmpty { name = "a" }
        let gpus = Int64.random(in: 0...4, using: &generator)
        let requirements = ResourceRequirements(
            gpuDevices: gpus, cpuMillicores: .random(in: 1...64_000, using: &generator),
            memoryMebibytes: .random(in: 1024...1_000_000, using: &generator))
        let urls = ["https://h/a.tar", "s3://bucket/a b/c.tar.gz", "http://h/x.tgz?sig=1&x=%20"]
        let isOwn = Bool.random(using: &generator)
        return KubeRayFixtures.deployment(
            urls.randomElement(using: &generator) ?? "", name: name, replicas: .random(in: 0...64, using: &generator),
            instance: UUIDv7(high: generator.next(), low: generator.next()), requirements: requirements,
            engine: isOwn ? nil : EngineConfiguration(kind: .vllm, arguments: ["enforce-eager": .flag(true)])
        ) { options in
            if isOwn {
                options.importPath = "module.app:build"
                options.applicationArguments = "{\"model\": \"{model_path}\"}"
                options.workingDirectory = "https://h/code.zip"
            }
            if Bool.random(using: &generator) { options.nodeSelector = ["kubernetes.io/arch": "amd64"] }
            if Bool.random(using: &generator) {
                options.tolerations = [.init(key: "nvidia.com/gpu", operator: .exists, effect: .noSchedule)]
            }
            if Bool.random(using: &generator) { options.environment = ["A_B": "x \" y", "C": "{model_path}"] }
            if Bool.random(using: &generator) { options.imagePullSecrets = ["registry"] }
            if Bool.random(using: &generator) { options.serviceAccount = "engines" }
            if Bool.random(using: &generator) { options.startSeconds = .random(in: 10...86_400, using: &generator) }
            if isOwn, Bool.random(using: &generator) { options.deploymentName = "Chat" }
            if Bool.random(using: &generator), !isOwn || options.deploymentName != nil {
                options.autoscaling = .init(
                    minimumReplicas: 0, maximumReplicas: .random(in: 1...64, using: &generator),
                    targetOngoingRequests: 8)
            }
        }
    }
}

extension JSONValue {
    /// With another value, or none, at a path of members.
    fileprivate func replacing(_ path: ArraySlice<String>, with value: JSONValue?) -> JSONValue {
        guard let name = path.first, var object = objectValue else { return self }
        object[name] = path.count == 1 ? value : (object[name] ?? [:]).replacing(path.dropFirst(), with: value)
        return .object(object)
    }
}

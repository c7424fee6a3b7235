import Domain
import JSON
import ModelServingCore

/// Parts of pods that every cluster runtime writes alike.
public enum WorkloadParts {
    /// The device plugin's name for GPUs.
    public static let gpu = "nvidia.com/gpu"

    /// An object of texts, in the order of their names.
    public static func texts(_ texts: [String: String]) -> JSONValue {
        .object(JSONObject(texts.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
    }

    public static func metadata(name: String, labels: [String: String], annotations: [String: String]) -> JSONValue {
        ["name": .string(name), "labels": texts(labels), "annotations": texts(annotations)]
    }

    /// Memory and devices are limits too. CPU is none: a limit would slow an engine down while cores idle.
    public static func resources(_ requirements: ResourceRequirements) -> JSONValue {
        var limits: [String: String] = [:]
        if requirements.memoryMebibytes > 0 { limits["memory"] = "\(requirements.memoryMebibytes)Mi" }
        if requirements.gpuDevices > 0 { limits[gpu] = "\(requirements.gpuDevices)" }
        var requests = limits
        if requirements.cpuMillicores > 0 { requests["cpu"] = "\(requirements.cpuMillicores)m" }
        return ["requests": texts(requests), "limits": texts(limits)]
    }

    public static func environment(_ variables: [String: String]) -> JSONValue {
        .array(
            variables.sorted { $0.key < $1.key }.map { ["name": .string($0.key), "value": .string($0.value)] })
    }

    /// Where pods may run and with what, as fields of a pod's `spec`.
    public static func placement(_ options: RuntimeOptions) -> [(String, JSONValue)] {
        var fields: [(String, JSONValue)] = []
        if let selector = options.nodeSelector, !selector.isEmpty { fields.append(("nodeSelector", texts(selector))) }
        if let tolerations = options.tolerations, !tolerations.isEmpty {
            fields.append(("tolerations", .array(tolerations.map(toleration))))
        }
        if let secrets = options.imagePullSecrets, !secrets.isEmpty {
            fields.append(("imagePullSecrets", .array(secrets.map { ["name": .string($0)] })))
        }
        if let account = options.serviceAccount { fields.append(("serviceAccountName", .string(account))) }
        return fields
    }

    private static func toleration(_ toleration: RuntimeOptions.Toleration) -> JSONValue {
        var fields: [(String, JSONValue)] = []
        if let key = toleration.key { fields.append(("key", .string(key))) }
        if let `operator` = toleration.operator { fields.append(("operator", .string(`operator`.rawValue))) }
        if let value = toleration.value { fields.append(("value", .string(value))) }
        if let effect = toleration.effect { fields.append(("effect", .string(effect.rawValue))) }
        if let seconds = toleration.seconds { fields.append(("tolerationSeconds", .integer(Int64(seconds)))) }
        return .object(JSONObject(fields))
    }
}

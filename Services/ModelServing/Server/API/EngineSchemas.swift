import ControlPlane
import Domain
import JSON
import ModelServingCore

/// `engine` and `runtime_options` in the document.
enum EngineSchemas {
    static let schemas: [(String, JSONValue)] = [
        ("Engine", closed(engine, required: ["kind"], "An engine that needs no model definition file; null ends it.")),
        (
            "RuntimeOptions",
            closed(options, "What only some runtimes know; each refuses the others. Replaced as a whole.")
        ),
    ]

    private static let text: JSONValue = ["type": "string"]
    private static let texts: JSONValue = ["type": "object", "additionalProperties": ["type": "string"]]
    private static let positive: JSONValue = ["type": "integer", "minimum": 1]

    private static let engine: [(String, JSONValue)] = [
        ("kind", choice(EngineConfiguration.Kind.allCases.map(\.rawValue))),
        ("context_length", described(positive, "Tokens of prompt and answer together.")), ("data_type", text),
        ("quantization", text), ("tensor_parallel_size", positive), ("pipeline_parallel_size", positive),
        (
            "adapters",
            [
                "type": "array", "maxItems": .integer(Int64(EngineConfiguration.maximumAdapters)),
                "items": closed([("name", text), ("path", text)], required: ["name", "path"], "LoRA weights."),
            ]
        ),
        (
            "arguments",
            [
                "type": "object", "additionalProperties": ["type": ["boolean", "number", "string"]],
                "description": "The engine's own, by their long names without dashes; those of an allow-list.",
            ]
        ),
    ]

    private static let options: [(String, JSONValue)] = [
        ("image", text), ("image_pull_secrets", APISchema.list(of: text)), ("service_account", text),
        ("node_name", described(text, "kubernetes: one Pod on this node.")), ("node_selector", texts),
        ("tolerations", APISchema.list(of: closed(toleration, "As in Kubernetes."))),
        ("command", described(APISchema.list(of: text), "May hold {port}, {model_path} and {service_name}.")),
        ("port", ModelServingAPI.bounded(RuntimeOptions.portRange, "Where the engine listens.")),
        ("health_path", described(text, "Answers with a success once the engine is ready.")), ("environment", texts),
        ("import_path", described(text, "ray, kuberay: a Serve application, module:attribute.")),
        ("deployment", described(text, "ray, kuberay: the one of its deployments that has the service's replicas.")),
        ("working_dir", described(text, "ray, kuberay: the URI of a zip file where that is found.")),
        ("application_arguments", ["type": "object"]),
        (
            "autoscaling",
            closed(
                [
                    ("min_replicas", ["type": "integer", "minimum": 0]), ("max_replicas", positive),
                    ("target_ongoing_requests", ["type": "number"]),
                ], required: ["max_replicas"], "ray, kuberay. Capacity is claimed for the most.")
        ),
        ("start_seconds", ModelServingAPI.bounded(RuntimeOptions.startSecondsRange, "Until it must be ready.")),
        ("max_surge", ModelServingAPI.bounded(RuntimeOptions.podRange, "kubernetes: pods beside the wanted ones.")),
        ("max_unavailable", ModelServingAPI.bounded(RuntimeOptions.podRange, "kubernetes: pods that may be missing.")),
    ]

    private static let toleration: [(String, JSONValue)] = [
        ("key", text), ("operator", choice(RuntimeOptions.Toleration.Operator.allCases.map(\.rawValue))),
        ("value", text), ("effect", choice(RuntimeOptions.Toleration.Effect.allCases.map(\.rawValue))),
        ("toleration_seconds", ["type": "integer", "minimum": 0]),
    ]

    private static func closed(
        _ properties: [(String, JSONValue)], required: [String] = [], _ description: String
    ) -> JSONValue {
        var schema = JSONObject([
            ("type", "object"), ("description", .string(description)), ("properties", .object(JSONObject(properties))),
            ("additionalProperties", false),
        ])
        if !required.isEmpty { schema["required"] = .array(required.map(JSONValue.string)) }
        return .object(schema)
    }

    private static func described(_ schema: JSONValue, _ description: String) -> JSONValue {
        guard case .object(var object) = schema else { return schema }
        object["description"] = .string(description)
        return .object(object)
    }

    private static func choice(_ words: [String]) -> JSONValue {
        ["type": "string", "enum": .array(words.map(JSONValue.string))]
    }
}

import ControlPlane
import Domain
import JSON
import ModelServingCore

extension ModelServingAPI {
    static let schemas: [(String, JSONValue)] = [
        ("ModelServiceRequest", APISchema.object([("name", name)] + wanted + [("version", version)])),
        ("ModelService", APISchema.object(service)),
        ("ModelServiceInstance", APISchema.object(instance)),
        ("Condition", APISchema.object(condition)),
        (
            "Failure",
            APISchema.object([("reason", text), ("message", text), ("operator_action", text)])
        ),
        (
            "Event",
            APISchema.object([
                ("time", APISchema.time), ("last_seen_at", APISchema.time), ("count", APISchema.count),
                ("type", choice(["Normal", "Warning"])), ("reason", text), ("message", text),
                ("instance_id", APISchema.uuid),
            ])
        ),
        (
            "Validation",
            APISchema.object([
                ("valid", ["type": "boolean"]),
                ("problems", APISchema.list(of: APISchema.object([("field", text), ("message", text)]))),
            ])
        ),
    ]

    private static let text: JSONValue = ["type": "string"]
    private static let integer: JSONValue = ["type": "integer"]
    private static let name: JSONValue = [
        "type": "string", "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
        "maxLength": .integer(Int64(ServiceName.maximumLength)),
    ]
    private static let version: JSONValue = [
        "type": ["string", "integer"], "default": "latest",
        "description": "A version number, an alias, or `latest`, which means the newest when the revision is deployed.",
    ]
    private static let quantities: JSONValue = [
        "type": "object",
        "description": "Of one replica, as Kubernetes quantities: gpu 1, cpu \"500m\", memory \"512Mi\".",
        "properties": ["gpu": quantity, "cpu": quantity, "memory": quantity], "additionalProperties": false,
    ]
    private static let quantity: JSONValue = ["type": ["string", "number"]]
    private static let wanted: [(String, JSONValue)] = [
        ("model_id", APISchema.uuid), ("resource_requirements", quantities),
        ("resource_group", APISchema.text(128)), ("location", APISchema.text(128)),
        (
            "pool_labels",
            [
                "type": "object", "additionalProperties": text,
                "description": "Only pools that have all of these labels give capacity.",
            ]
        ), ("placement", choice(Placement.allCases.map(\.rawValue))),
        ("runtime", choice(RuntimeKind.allCases.map(\.rawValue))),
        (
            "replicas",
            [
                "type": "integer", "minimum": .integer(Int64(ServiceConfiguration.replicaRange.lowerBound)),
                "maximum": .integer(Int64(ServiceConfiguration.replicaRange.upperBound)), "default": 1,
                "description": "0 stops the service and keeps it.",
            ]
        ),
        ("owner_id", APISchema.text(SubjectName.maximumBytes, "The creator, unless said otherwise.")),
        ("visibility", choice(Visibility.allCases.map(\.rawValue))), ("balancing", balancing),
        ("flow_control", flowControl), ("engine", APISchema.reference("Engine")),
        ("runtime_options", APISchema.reference("RuntimeOptions")),
        (
            "canary_percent",
            [
                "type": ["integer", "null"],
                "minimum": .integer(Int64(ServiceConfiguration.canaryPercentRange.lowerBound)),
                "maximum": .integer(Int64(ServiceConfiguration.canaryPercentRange.upperBound)),
                "description": """
                Of the requests, for the revision that this update makes; the one that serves goes on with the rest. \
                100 or null lets the new one take over. Not kept where nothing serves beside which it could be tried.
                """,
            ]
        ),
    ]
    private static let balancing: JSONValue = [
        "type": "string", "enum": .array(Balancing.allCases.map { .string($0.rawValue) }),
        "default": .string(Balancing.leastOutstanding.rawValue),
        "description": "`prefix_affinity` sends prompts that begin alike to the same instance.",
    ]
    private static let flowControl: JSONValue = [
        "type": "object", "additionalProperties": false,
        "description": "Of each gateway; what is absent it chooses itself. Replaced as a whole.",
        "properties": [
            "concurrency": bounded(FlowControl.concurrencyRange, "Requests that one instance is sent at once."),
            "queue_length": bounded(FlowControl.queueLengthRange, "Requests that wait while all instances are busy."),
            "queue_seconds": bounded(FlowControl.queueSecondsRange, "How long a request waits."),
        ],
    ]

    private static let service: [(String, JSONValue)] =
        [("id", APISchema.uuid), ("name", name)] + wanted + [
            ("model_version", text), ("resolved_version", integer), ("endpoint", ["type": "string", "format": "uri"]),
            ("ready_replicas", integer), ("status", choice(ServiceStatus.allCases.map(\.rawValue))),
            ("conditions", APISchema.list(of: APISchema.reference("Condition"))),
            ("next_retry_at", APISchema.time),
            ("operator_action", ["type": "string", "description": "What a person should do."]),
            ("failure", APISchema.reference("Failure")), ("revision", integer),
            (
                "traffic",
                APISchema.list(of: APISchema.object([("revision", integer), ("percent", integer)]))
            ), ("instances", APISchema.list(of: APISchema.reference("ModelServiceInstance"))),
            (
                "revisions",
                APISchema.list(
                    of: APISchema.object([
                        ("revision", integer), ("model_id", APISchema.uuid), ("model_version", text),
                        ("resolved_version", integer), ("resource_requirements", quantities), ("replicas", integer),
                        ("balancing", balancing), ("flow_control", flowControl), ("canary_percent", integer),
                        ("engine", APISchema.reference("Engine")),
                        ("runtime_options", APISchema.reference("RuntimeOptions")),
                        ("created_at", APISchema.time),
                    ]))
            ), ("created_at", APISchema.time), ("updated_at", APISchema.time),
        ]

    private static let instance: [(String, JSONValue)] = [
        ("id", APISchema.uuid), ("model_service_id", APISchema.uuid), ("revision", integer),
        ("status", choice(InstanceStatus.allCases.map(\.rawValue))),
        ("phase", choice(InstancePhase.allCases.map(\.rawValue))), ("attempts", integer), ("restarts", integer),
        ("next_retry_at", APISchema.time), ("failure", APISchema.reference("Failure")),
        ("message", ["type": "string", "description": "How far it is, or what it waits for."]),
        ("replicas", ["type": "integer", "description": "Inside, as its runtime was told."]),
        ("ready_replicas", integer), ("start_time", APISchema.time),
        ("run_time", ["type": "string", "description": "Seconds, as in 3723.042s."]),
        ("processed_requests", APISchema.count), ("failed_requests", APISchema.count),
        ("prompt_tokens", APISchema.count), ("completion_tokens", APISchema.count), ("node", text),
        ("url", ["type": "string", "format": "uri"]),
        ("created_at", APISchema.time), ("updated_at", APISchema.time),
    ]

    private static let condition: [(String, JSONValue)] = [
        ("type", choice(ConditionType.allCases.map(\.rawValue))), ("status", choice(["True", "False", "Unknown"])),
        ("reason", text), ("message", text), ("last_transition_time", APISchema.time),
    ]

    static func bounded(_ range: ClosedRange<Int>, _ description: String) -> JSONValue {
        [
            "type": "integer", "minimum": .integer(Int64(range.lowerBound)),
            "maximum": .integer(Int64(range.upperBound)), "description": .string(description),
        ]
    }

    private static func choice(_ words: [String]) -> JSONValue {
        ["type": "string", "enum": .array(words.map(JSONValue.string))]
    }
}

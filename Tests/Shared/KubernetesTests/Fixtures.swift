import JSON

enum Fixtures {
    static func deployment(_ name: String, replicas: Int = 1, labels: [String: String] = [:]) -> JSONValue {
        [
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": [
                "name": .string(name),
                "labels": .object(JSONObject(labels.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })),
            ],
            "spec": ["replicas": .integer(Int64(replicas))],
        ]
    }
}

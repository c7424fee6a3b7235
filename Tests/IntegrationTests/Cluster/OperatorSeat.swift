import EventLoop
import Foundation
import HTTP
import HTTPClient
import JSON
import TestSupport
import Testing

/// A real API server without KubeRay's operator, whose part the test plays: it writes statuses as an operator was seen
/// to write them.
///
/// `make test-kubernetes` starts the server, and says where with `SLIPWAY_TEST_KUBERNETES`: a folder with a kubeconfig
/// of the account that `deploy/kubernetes/role.yaml` makes.
final class OperatorSeat: Sendable {
    static let folder = ProcessInfo.processInfo.environment["SLIPWAY_TEST_KUBERNETES"]
    static let lifecycles =
        (ProcessInfo.processInfo.environment["SLIPWAY_SHARED"] ?? "\(DevelopmentStack.repository)/../shared")
        + "/kubernetes/recorded/lifecycle"
    static let namespace = "models"
    private static let services = "/apis/ray.io/v1/namespaces/\(namespace)/rayservices"

    let kubeconfig: String
    private let origin: HTTPOrigin
    private let client: CurlClient
    private let group = EventLoopGroup(count: 1)

    init() throws {
        let folder = try #require(Self.folder)
        kubeconfig = "\(folder)/slipway.kubeconfig"
        let text = try String(contentsOfFile: kubeconfig, encoding: .utf8)
        let server = try #require(text.firstMatch(of: /https:\/\/[0-9.:]+/)).output
        origin = try #require(HTTPOrigin(String(server)))
        client = CurlClient(group: group, options: CurlOptions(certificateAuthorityFile: "\(folder)/pki/ca.crt"))
    }

    func leave() async { await group.shutdown() }

    func call(
        _ method: HTTPMethod, _ path: String, _ body: JSONValue? = nil, type: String = "application/json"
    ) async throws -> JSONValue {
        var request = HTTPRequest(
            method, path, fields: ["Authorization": "Bearer admin-token", "Content-Type": type])
        if let body { request.body = .bytes(JSONWriter.bytes(body)) }
        let response = try await client.send(request, to: origin, deadlines: HTTPDeadlines())
        let bytes = try await response.body.collect(limitBytes: 64 << 20)
        return (try? JSONParser.parse(bytes)) ?? .string(String(decoding: bytes, as: UTF8.self))
    }

    /// The RayService of a model service, once there is one that is not being deleted.
    func object(of service: String) async throws -> JSONValue {
        let selector = "labelSelector=slipway.dev%2Fservice-id%3D\(service)"
        return try await eventually("there is no RayService of \(service)") {
            let list = try await self.call(.get, "\(Self.services)?\(selector)")["items"]?.arrayValue ?? []
            return list.first { $0["metadata"]?["deletionTimestamp"] == nil }
        }
    }

    func objects() async throws -> [JSONValue] {
        try await call(.get, Self.services)["items"]?.arrayValue ?? []
    }

    /// Writes a status that was recorded, as if it were about the object as it is now.
    func write(_ recorded: JSONValue, to object: JSONValue) async throws {
        guard case .object(var status) = recorded else { return }
        if status["observedGeneration"] != nil { status["observedGeneration"] = object["metadata"]?["generation"] }
        // An older API server takes no condition without a message, and nobody looks at those of the clusters.
        for part in ["activeServiceStatus", "pendingServiceStatus"] {
            guard case .object(var value)? = status[part] else { continue }
            value["rayClusterStatus"] = nil
            status[part] = .object(value)
        }
        let name = object.name
        for _ in 0..<5 {
            guard case .object(var current) = try await call(.get, "\(Self.services)/\(name)") else { return }
            current["status"] = .object(status)
            let answer = try await call(.put, "\(Self.services)/\(name)/status", .object(current))
            guard answer["kind"]?.stringValue == "Status" else { return }
            guard answer["reason"]?.stringValue == "Conflict" else {
                Issue.record("\(answer)")
                return
            }
        }
    }

    /// As the operator does with what it looks after, so that a deletion waits for it.
    func setFinalizers(_ finalizers: [JSONValue], of name: String) async throws {
        _ = try await call(
            .patch, "\(Self.services)/\(name)", ["metadata": ["finalizers": .array(finalizers)]],
            type: "application/merge-patch+json")
    }

    /// The statuses of the first RayService that the recording creates, each other than the one before.
    static func statuses(_ lifecycle: String) throws -> [JSONValue] {
        let text = try String(contentsOfFile: "\(lifecycles)/\(lifecycle).jsonl", encoding: .utf8)
        var name: String?
        var statuses: [JSONValue] = []
        for line in text.split(separator: "\n") {
            let event = try JSONParser.parse(String(line))
            guard let object = event["object"], object["kind"]?.stringValue == "RayService",
                event["type"]?.stringValue != "DELETED"
            else { continue }
            name = name ?? object.name
            guard object.name == name else { continue }
            let status = object["status"] ?? [:]
            if status != statuses.last { statuses.append(status) }
        }
        return statuses
    }
}

extension JSONValue {
    var name: String { self["metadata"]?["name"]?.stringValue ?? "" }
}

/// Asks until there is an answer.
func eventually<Value>(
    _ complaint: @autoclosure () -> String, within limit: Duration = .seconds(60), _ ask: () async throws -> Value?
) async throws -> Value {
    let clock = ContinuousClock()
    let end = clock.now + limit
    while true {
        if let value = try await ask() { return value }
        try #require(clock.now < end, "\(complaint())")
        try await clock.sleep(for: .milliseconds(50))
    }
}

import HTTP
import JSON
import TestSupport
import Testing

@testable import ModelServing

/// Who may do what with whose model services, at the served API.
struct ServiceOwnerTests {
    private static let rules = """
        g, alice, role:model-service-author
        g, bob, role:model-service-author
        g, rita, role:model-service-reader
        g, olga, role:model-service-operator
        p, ute, model_services/{id}, model_service:get, allow
        p, ute, model_services/{id}, model_service:update, allow
        """
    private static let absent = "01920000-0000-7000-8000-00000000ffff"

    private let serving: ServingUnderTest
    private let server: InProcessServer

    init() throws {
        serving = try ServingUnderTest()
        server = try serving.knowing(Self.rules)
    }

    /// The ids of a new service and of its instance.
    private func create(
        _ name: String = "chat", as caller: String = "alice"
    ) async throws -> (service: String, instance: String) {
        let answer = try await server.send(.post, "/model_services", ServingUnderTest.wanted(name), as: caller)
        let instances = answer.json["instance_ids"]?.arrayValue?.compactMap(\.stringValue) ?? []
        return (try #require(answer.json["id"]?.stringValue, "\(answer.text)"), try #require(instances.first))
    }

    static let requests: [(HTTPMethod, String, JSONValue?)] = [
        (.get, "", nil), (.put, "", ["replicas": 2]), (.put, "", ["replicas": -1]), (.delete, "", nil),
        (.post, "/retry", nil), (.post, "/rollback", ["revision": 1]), (.get, "/instances", nil),
        (.get, "/instances/x", nil), (.get, "/events", nil), (.get, "/logs", nil), (.get, "/logs?lines=0", nil),
        (.post, "/tokens", nil), (.get, "/tokens", nil), (.delete, "/tokens/01920000-0000-7000-8000-00000000eeee", nil),
    ]

    @Test func ownersMayDoEverythingWithWhatIsTheirs() async throws {
        let id = try await create().service
        try await serving.settle()
        #expect(try await server.send(.get, "/model_services/\(id)", as: "alice").json["owner_id"] == "alice")
        for (method, suffix, body) in Self.requests where method != .delete {
            let answer = try await server.send(method, "/model_services/\(id)\(suffix)", body, as: "alice")
            #expect(answer.status != 403 && answer.status != 401, "\(method) \(suffix): \(answer.text)")
            #expect(answer.status != 404 || suffix.contains("instances/"), "\(method) \(suffix): \(answer.text)")
        }
        #expect(try await server.send(.delete, "/model_services/\(id)", as: "alice").status == 202)
    }

    @Test(arguments: requests) func othersSeeWhatTheySeeWhereThereIsNothing(
        method: HTTPMethod, suffix: String, body: JSONValue?
    ) async throws {
        let (service, instance) = try await create()
        let missing = try await server.send(method, "/model_services/\(Self.absent)\(suffix)", body, as: "bob")
        for id in [service, instance, service.uppercased(), instance.uppercased()] {
            let hidden = try await server.send(method, "/model_services/\(id)\(suffix)", body, as: "bob")
            #expect(hidden.status == 404)
            #expect(hidden.appearance(without: [id, id.lowercased()]) == missing.appearance(without: [Self.absent]))
        }
        #expect(try await server.send(.get, "/model_services/\(service)", as: "alice").status == 200)
    }

    @Test func whoMayReadIsToldWhatItMayNot() async throws {
        let (service, instance) = try await create()
        for id in [service, instance] {
            #expect(try await server.send(.get, "/model_services/\(id)", as: "rita").status == 200)
            #expect(try await server.send(.get, "/model_services/\(id)/events", as: "rita").status == 200)
            #expect(try await server.send(.get, "/model_services/\(id)/tokens", as: "rita").status == 403)
            #expect(try await server.send(.delete, "/model_services/\(id)", as: "rita").status == 403)
            #expect(try await server.send(.put, "/model_services/\(id)", ["replicas": 2], as: "olga").status == 200)
        }
    }

    @Test func whoMayNothingLearnsNothing() async throws {
        let (service, instance) = try await create()
        for (method, suffix, body) in Self.requests {
            let absent = try await server.send(method, "/model_services/\(Self.absent)\(suffix)", body, as: "eve")
            #expect(absent.status == 403)
            for id in [service, instance] {
                let there = try await server.send(method, "/model_services/\(id)\(suffix)", body, as: "eve")
                #expect(there.appearance(without: [id, id.lowercased()]) == absent.appearance(without: [Self.absent]))
            }
        }
    }

    @Test(arguments: ["rita", "alice", "olga"], ["model_service:*", "model_service:get"])
    func anInstanceIsNoWayAroundADenial(caller: String, action: String) async throws {
        let (service, instance) = try await create()
        let denying = try serving.knowing(
            Self.rules + "\np, \(caller), model_services/\(service), \(action), deny\n")
        for id in [service, instance, service.uppercased(), instance.uppercased()] {
            for suffix in ["", "/instances", "/instances/\(instance)", "/events", "/logs"] {
                let answer = try await denying.send(.get, "/model_services/\(id)\(suffix)", as: caller)
                #expect([403, 404].contains(answer.status), "\(id)\(suffix): \(answer.text)")
            }
            guard action != "model_service:get" else { continue }
            let answer = try await denying.send(.delete, "/model_services/\(id)", as: caller)
            #expect([403, 404].contains(answer.status), "\(answer.text)")
        }
        let list = try await denying.send(.get, "/model_services", as: caller)
        #expect(list.json["model_services"] == [])
        let named = try await denying.send(.get, "/model_services?name=chat", as: caller)
        #expect(named.json["model_services"] == [])
    }

    @Test func listsShowWhatTheirReaderMayGet() async throws {
        for number in 0..<12 { _ = try await create("s-\(number)", as: number % 3 == 0 ? "alice" : "bob") }
        for (reader, expected) in ["alice": 4, "bob": 8, "rita": 12] {
            var names: [String] = []
            var token = ""
            repeat {
                let target = "/model_services?page_size=3&page_token=\(token)"
                let answer = try await server.send(.get, target, as: reader)
                let page = answer.json["model_services"]?.arrayValue ?? []
                token = answer.json["next_page_token"]?.stringValue ?? ""
                #expect(page.count == 3 || token.isEmpty)
                names += page.compactMap { $0["name"]?.stringValue }
            } while !token.isEmpty
            #expect(names.count == expected, "\(reader): \(names)")
        }
        let foreign = try await server.send(.get, "/model_services?name=s-0", as: "bob")
        #expect(foreign.json["model_services"] == [])
    }

    @Test func onlyWhoMayAssignOwnersDoesSo() async throws {
        let given = ServingUnderTest.wanted("given", [("owner_id", "bob")])
        #expect(try await server.send(.post, "/model_services", given, as: "alice").status == 403)
        let path = "/model_services/\(try await create().service)"
        #expect(try await server.send(.put, path, ["owner_id": "bob"], as: "alice").status == 403)
        #expect(try await server.send(.put, path, ["owner_id": "ute"], as: "ute").status == 403)
        #expect(try await server.send(.put, path, ["owner_id": "alice"], as: "alice").status == 200)
        #expect(try await server.send(.put, path, ["owner_id": "bob"], as: "olga").json["owner_id"] == "bob")
        #expect(try await server.send(.get, path, as: "alice").status == 404)
        #expect(try await server.send(.get, path, as: "bob").status == 200)
    }
}

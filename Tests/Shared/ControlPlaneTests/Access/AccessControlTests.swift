import Access
import ControlPlane
import Domain
import HTTP
import JSON
import Observability
import TestSupport
import Testing

/// Who gets past the door of things that have owners.
@Suite struct AccessControlTests {
    static let hers = "01920000-0000-7000-8000-000000000001"
    static let his = "01920000-0000-7000-8000-000000000002"
    static let absent = "01920000-0000-7000-8000-000000000003"
    /// Another name of hers.
    static let alias = "01920000-0000-7000-8000-00000000000a"

    let rules = IdentifierSource()

    private func responder(_ policies: [PolicyEntry]) throws -> ControlPlaneResponder {
        let files = try ShippedAccess.files()
        let time = ManualTime()
        let stored = policies.map { entry in
            AccessRule(.policy(entry), id: rules.next(), createdAt: time.now, createdBy: "admin")
        }
        let authority = AccessAuthority(
            files, store: NoRules(), book: try AccessBook(files, StoredRules(version: 1, rules: stored)),
            now: { time.now })
        let answer: RouteHandler = { _, context in
            .json(.ok, ["list": .bool(context.rights.may("model:list", "models"))])
        }
        let routes: [Route] = [
            .get("/models", .requires("model:list"), answer), .post("/models", .requires("model:create"), answer),
            .get("/own_models", .requires("model:list"), answer).servingOwners(),
            .get("/models/{id}", .requires("model:get"), answer),
            .put("/models/{id}", .requires("model:update"), answer),
        ]
        return ControlPlaneResponder(
            routes,
            access: AccessControl(
                authenticator: SaidSubject(), authority: authority,
                owners: [
                    "models": Owners(owners: [Self.hers: "alice", Self.his: "bob"], aliases: [Self.alias: Self.hers])
                ]),
            metrics: MetricsRegistry(), logger: Logger(sink: RecordingLogSink(), now: { time.now }),
            makeID: rules.next)
    }

    private func allow(_ action: String, _ object: String = "*", _ effect: PolicyEntry.Effect = .allow) -> PolicyEntry {
        PolicyEntry(subject: "alice", object: object, action: action, effect: effect)
    }

    private func status(
        _ responder: ControlPlaneResponder, _ method: HTTPMethod, _ target: String, as subject: String = "alice"
    ) async -> Int {
        await responder.respond(to: HTTPRequest(method, target, fields: ["X-Subject": subject])).status.code
    }

    @Test func whoOwnsAThingMayWhatOwnersMay() async throws {
        let responder = try responder([allow("model:get_own"), allow("model:update_own")])
        #expect(await status(responder, .get, "/models/\(Self.hers)") == 200)
        #expect(await status(responder, .put, "/models/\(Self.hers)") == 200)
        #expect(await status(responder, .put, "/models/\(Self.alias)") == 200)
        #expect(await status(responder, .get, "/models/\(Self.his)") == 404)
        #expect(await status(responder, .put, "/models/\(Self.his)") == 404)
        #expect(await status(responder, .get, "/models") == 403)
    }

    @Test func whatOneMayNotKnowOfLooksLikeWhatIsNotThere() async throws {
        let responder = try responder([allow("model:get_own")])
        func problem(_ id: String) async throws -> JSONValue {
            let answer = await responder.respond(
                to: HTTPRequest(.get, "/models/\(id)", fields: ["X-Subject": "alice"]))
            #expect(answer.status == .notFound)
            var document = try JSONParser.parse(try await answer.body.collect(limitBytes: 1 << 16)).objectValue
            document?["trace_id"] = .null
            let text = JSONWriter.text(.object(document ?? JSONObject()))
            return .string(text.replacing(id, with: "ID"))
        }
        #expect(try await problem(Self.his) == problem(Self.absent))
    }

    @Test func whoMaySeeAThingIsToldThatItIsNotTheirs() async throws {
        let responder = try responder([allow("model:get"), allow("model:update_own")])
        #expect(await status(responder, .get, "/models/\(Self.his)") == 200)
        #expect(await status(responder, .put, "/models/\(Self.his)") == 403)
        #expect(await status(responder, .put, "/models/\(Self.absent)") == 404)
    }

    @Test func whoMayNothingLearnsNothing() async throws {
        let responder = try responder([allow("model:get")])
        for id in [Self.hers, Self.his, Self.absent, "no-id"] {
            #expect(await status(responder, .put, "/models/\(id)") == 403)
            #expect(await status(responder, .get, "/models/\(id)", as: "eve") == 403)
        }
    }

    @Test func aDenialIsForOwnersToo() async throws {
        let responder = try responder([
            allow("model:get"), allow("model:update_own"), allow("model:update", "*", .deny),
        ])
        #expect(await status(responder, .put, "/models/\(Self.hers)") == 403)
    }

    @Test func anotherNameOfAThingIsNoWayAroundADenial() async throws {
        let responder = try responder([allow("model:get"), allow("model:get", "models/\(Self.hers)", .deny)])
        #expect(await status(responder, .get, "/models/\(Self.his)") == 200)
        #expect(await status(responder, .get, "/models/\(Self.hers)") == 403)
        #expect(await status(responder, .get, "/models/\(Self.hers.uppercased())") == 403)
        #expect(await status(responder, .get, "/models/\(Self.alias)") == 403)
        #expect(await status(responder, .get, "/models/%30" + Self.hers.dropFirst()) == 403)
    }

    @Test func listsForOwnersAreOnlyWhereTheyAreMeantToBe() async throws {
        let responder = try responder([allow("model:list_own")])
        #expect(await status(responder, .get, "/models") == 403)
        #expect(await status(responder, .get, "/own_models") == 200)
    }

    @Test func namesThatLookAlikeAreOthers() async throws {
        let responder = try responder([allow("model:update_own")])
        #expect(await status(responder, .put, "/models/\(Self.hers)", as: "Alice") == 403)
        #expect(await status(responder, .put, "/models/\(Self.hers)", as: "al\u{456}ce") == 403)
    }
}

/// Believes what a header says.
private struct SaidSubject: Authenticator {
    func principal(of request: HTTPRequest) async throws(ServiceError) -> Principal {
        guard let subject = request.fields["X-Subject"] else { throw .unauthenticated("who?") }
        return Principal(subject: subject, credential: .jwt)
    }
}

private struct Owners: OwnerLookup {
    let owners: [String: String]
    let aliases: [String: String]

    func find(_ id: String) async throws(ServiceError) -> OwnedThing? {
        let id = aliases[id] ?? id
        return owners[id].map { OwnedThing(id: id, ownerID: $0) }
    }

    func absence(of id: String) -> ServiceError { .notFound(kind: "model", id: id) }
}

private struct NoRules: AccessRuleStore {
    func version() async throws(ServiceError) -> Int64 { 0 }
    func read() async throws(ServiceError) -> StoredRules { StoredRules() }
    func change(
        once key: IdempotencyKey?, _ decide: (StoredRules) throws(ServiceError) -> AccessRuleChange
    ) async throws(ServiceError) -> String { "" }
}

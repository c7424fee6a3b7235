import HTTP
import JSON
import Synchronization
import Testing

@testable import slipway

@Suite struct ServiceProgressTests {
    static let id = "0199f0c2-7c4e-7d5c-8d0e-3a1b2c4d5e6f"
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Answers with each document in turn, and with the last one for ever.
    private func serving(_ documents: [JSONValue?]) -> ScriptedTransport {
        let left = Mutex(documents)
        return ScriptedTransport { _ in
            let document = left.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }
            return document.map { .json(200, $0) } ?? .problem(404, "There is no such service.")
        }
    }

    private func service(_ status: String, _ phases: String...) -> JSONValue {
        [
            "name": "tiny", "status": .string(status),
            "instances": .array(phases.map { ["phase": .string($0), "status": "creating"] }),
        ]
    }

    @Test func tellsEachPhaseOnceAsItComes() async {
        let transport = serving([
            service("creating"), service("creating", "resolving"), service("creating", "resolving"),
            service("creating", "starting", "claiming"), service("running", "running", "running"),
        ])
        let run = await CommandRun("services", "wait", Self.id, in: folder, transport: transport)
        #expect(run.status == .succeeded)
        #expect(
            run.notes == """
                  0.0 s creating
                  0.2 s resolving
                  0.7 s starting, claiming
                  1.0 s running, running

                """)
        #expect(run.output.contains("status:  running"))
    }

    @Test func endsWithTheServicesOwnWordsWhenItFails() async {
        let failed: JSONValue = [
            "name": "tiny", "status": "error", "instances": [],
            "operator_action": "Free some memory, or ask for less.",
            "failure": ["reason": "insufficient_resources", "message": "no pool has 9Gi of memory"],
        ]
        let run = await CommandRun("services", "wait", Self.id, in: folder, transport: serving([failed]))
        #expect(run.status == .failed)
        #expect(run.notes.contains("tiny ended in an error: no pool has 9Gi of memory"))
        #expect(run.notes.contains("Free some memory, or ask for less."))
        #expect(run.notes.contains("slipway services logs tiny"))
    }

    @Test func endsWhenWhatIsWantedGoesNoFurther() async {
        func degraded(_ revision: Int64) -> JSONValue {
            [
                "name": "tiny", "status": "degraded", "revision": 2, "failure": ["message": "it fell over"],
                "operator_action": "Roll the service back.",
                "instances": [
                    ["phase": "running", "revision": 1], ["phase": "error", "revision": .integer(revision)],
                ],
            ]
        }
        let transport = serving([service("updating", "running", "starting"), degraded(1), degraded(2)])
        let run = await CommandRun("services", "wait", Self.id, in: folder, transport: transport)
        #expect(run.status == .failed)
        #expect(run.notes.contains("tiny goes no further: it fell over\n  Roll the service back."))
        #expect(transport.exchanges.count == 3, "one of a former revision is being forgotten")
    }

    @Test func givesUpAfterTheTimeGiven() async {
        let transport = serving([service("creating", "starting")])
        let run = await CommandRun(
            "services", "wait", Self.id, "--timeout", "3", in: folder, transport: transport)
        #expect(run.status == .timedOut)
        #expect(run.notes.contains("tiny does not run after 3.0 s: starting."))
        #expect(transport.exchanges.count == 13)
    }

    @Test func waitsUntilADeletedServiceIsGone() async {
        let transport = serving([
            .null, service("stopping", "stopping"), service("stopping", "releasing"), nil,
        ])
        let run = await CommandRun("services", "delete", Self.id, "--wait", in: folder, transport: transport)
        #expect(run.status == .succeeded)
        #expect(run.output == "\(Self.id) is gone; what it held is free.\n")
        #expect(run.notes == "  0.0 s stopping\n  0.2 s releasing\n")
        #expect(transport.lines.first == "DELETE /model_services/\(Self.id)")
    }
}

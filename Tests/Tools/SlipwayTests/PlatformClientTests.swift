import HTTP
import JSON
import Testing

@testable import slipway

@Suite struct PlatformClientTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test(arguments: [
        (400, CommandStatus.usage), (401, .notAllowed), (403, .notAllowed), (404, .notFound), (409, .conflict),
        (412, .conflict), (422, .usage), (429, .unavailable), (500, .failed), (503, .unavailable), (504, .timedOut),
    ])
    func endsWithTheStatusOfTheProblem(code: Int, status: CommandStatus) async {
        let transport = ScriptedTransport { _ in .problem(HTTPStatus(code), "It did not work.") }
        let run = await CommandRun("pools", "list", in: folder, transport: transport)
        #expect(run.status == status)
        #expect(run.notes.hasPrefix("slipway: It did not work.\n"))
        #expect(run.notes.contains("4bf92f3577b34da6a3ce929d0e0e4736") == (code >= 500))
        #expect(run.output == "")
    }

    @Test func listsEveryWrongField() async {
        let transport = ScriptedTransport { _ in
            .problem(
                400, "2 fields are wrong; see errors.",
                errors: [
                    ["field": "/name", "message": "is required"], ["field": "/a/b", "message": "unknown field"],
                ])
        }
        let run = await CommandRun("pools", "list", in: folder, transport: transport)
        #expect(
            run.notes == """
                slipway: 2 fields are wrong.
                  /name: is required
                  /a/b: unknown field

                """)
    }

    @Test(arguments: [
        (#"{"error":{"message":"no such model"}}"#, "no such model"), (#"{"error":"bad tensor"}"#, "bad tensor"),
        ("<html>", "The server answered 502 Bad Gateway."), ("", "The server answered 502 Bad Gateway."),
    ])
    func readsErrorsOfEveryShape(body: String, message: String) {
        #expect(PlatformClient.failure(status: 502, body: Array(body.utf8)).message == message)
    }

    @Test func saysWhatToDoWhenNothingAnswers() async {
        let transport = ScriptedTransport { _ throws(HTTPTransportError) in throw .connectFailed("refused") }
        let run = await CommandRun("models", "list", in: folder, transport: transport)
        #expect(run.status == .unavailable)
        #expect(run.notes.contains("model-management does not answer at http://127.0.0.1:8081."))
        #expect(run.notes.contains("slipway dev"))
        #expect(run.notes.contains("--model-management-url"))
    }

    @Test func sendsTheAdminKeyAndNeverShowsIt() async {
        let transport = ScriptedTransport { _ in .problem(500, "Broken.") }
        let run = await CommandRun(
            "pools", "list", in: folder, environment: ["SLIPWAY_ADMIN_KEY": "hush-hush"], transport: transport)
        #expect(transport.exchanges.first?.request.fields["Authorization"] == "Bearer hush-hush")
        #expect(!run.notes.contains("hush-hush"))
    }

    @Test func readsAListingPageByPage() async {
        let transport = ScriptedTransport { exchange in
            let isLast = exchange.request.target.contains("page_token=a%2Fb")
            return .json(
                200,
                [
                    "resource_pools": [["name": isLast ? "second" : "first"]],
                    "next_page_token": isLast ? nil : "a/b",
                ])
        }
        let run = await CommandRun("pools", "list", "--output", "json", in: folder, transport: transport)
        #expect(run.status == .succeeded)
        #expect(transport.exchanges.count == 2)
        let document = try? JSONParser.parse(run.output)
        #expect(document?.arrayValue?.map { $0.cell("name") } == ["first", "second"])
    }

    @Test func suggestsANameThatExists() async {
        let transport = ScriptedTransport { exchange in
            let isFiltered = exchange.request.target.contains("name=")
            return .json(200, ["models": isFiltered ? [] : [["name": "tiny-chat", "id": "1"]]])
        }
        let run = await CommandRun("models", "get", "tiny-cat", in: folder, transport: transport)
        #expect(run.status == .notFound)
        #expect(run.notes == "slipway: There is no model \"tiny-cat\".\n  Did you mean tiny-chat?\n")
    }

    @Test func takesAnIDWithoutAskingForTheName() async {
        let id = "0199f0c2-7c4e-7d5c-8d0e-3a1b2c4d5e6f"
        let transport = ScriptedTransport { _ in .json(200, ["name": "tiny-chat"]) }
        let run = await CommandRun("models", "get", id, in: folder, transport: transport)
        #expect(run.status == .succeeded)
        #expect(transport.lines == ["GET /models/\(id)"])
    }
}

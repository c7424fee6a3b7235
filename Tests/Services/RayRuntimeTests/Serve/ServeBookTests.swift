import HTTP
import JSON
import Observability
import TestSupport
import Testing

@testable import RayRuntime

@Suite(.timeLimit(.minutes(1))) struct ServeBookTests {
    private static func configuration(_ name: String, _ argument: Int64 = 0) -> JSONValue {
        ["name": .string(name), "import_path": "chat:build", "args": ["x": .integer(argument)]]
    }

    @Test func leavesOthersAlone() async throws {
        let world = try await RayWorld()
        world.addForeign("theirs")
        world.addForeign("program", isImperative: true)
        let theirs = world.serve.configuration("theirs")
        let book = world.book()
        try await book.write("ours", .declare(Self.configuration("ours")))
        #expect(world.serve.names == ["ours", "program", "theirs"])
        try await book.write("ours", .declare(Self.configuration("ours", 1)))
        #expect(world.serve.configuration("ours") == Self.configuration("ours", 1))
        try await book.write("ours", .withdraw)
        #expect(world.serve.names == ["program", "theirs"])
        #expect(world.serve.configuration("theirs") == theirs)
        #expect(world.serve.change { $0.writes.allSatisfy { $0["http_options"]?["port"] == 8100 } })
    }

    @Test func doesNotWriteWhatIsThere() async throws {
        let world = try await RayWorld()
        let book = world.book()
        try await book.write("ours", .declare(Self.configuration("ours")))
        try await book.write("ours", .declare(Self.configuration("ours")))
        try await book.write("nobody", .withdraw)
        #expect(world.serve.change { $0.writes.count } == 1)
    }

    @Test func writesAgainWhatAnotherWriterLost() async throws {
        let world = try await RayWorld()
        world.serve.change { state in
            for _ in 0..<3 { state.afterWrites.append { $0.applications["ours"] = nil } }
        }
        try await world.book().write("ours", .declare(Self.configuration("ours")))
        #expect(world.serve.names == ["ours"])
        #expect(world.serve.change { $0.writes.count } == 4)
    }

    @Test func givesUpAgainstOneWhoAlwaysUndoesIt() async throws {
        let world = try await RayWorld()
        world.serve.change { state in
            for _ in 0..<50 { state.afterWrites.append { $0.applications["ours"] = nil } }
        }
        await #expect(throws: ServeError.self) {
            try await world.book().write("ours", .declare(Self.configuration("ours")))
        }
        #expect(world.serve.change { $0.writes.count } == ServeBook.maximumAttempts)
    }

    @Test func putsBackWhatCameBetweenReadingAndWriting() async throws {
        let world = try await RayWorld()
        world.addForeign("theirs")
        let book = world.book()
        // Seen once, gone, and declared anew in the moment between our reading and our writing.
        _ = try await book.state(notOlderThan: .zero)
        let theirs = world.serve.change { state in
            let application = state.applications["theirs"]
            state.applications["theirs"] = nil
            state.beforeWrites.append { $0.applications["theirs"] = application }
            return application?.configuration
        }
        try await book.write("ours", .declare(Self.configuration("ours")))
        #expect(world.serve.names == ["ours", "theirs"])
        #expect(world.serve.configuration("theirs") == theirs)
        #expect(world.sink.lines.contains { $0.message.contains("was dropped") })
    }

    @Test func saysWhenItCannotPutBack() async throws {
        let world = try await RayWorld()
        world.serve.change { state in
            state.beforeWrites.append {
                $0.applications["stranger"] = FakeServe.Application(
                    configuration: ["name": "stranger"], states: ["running"])
            }
        }
        try await world.book().write("ours", .declare(Self.configuration("ours")))
        #expect(world.serve.names == ["ours"])
        let line = try #require(world.sink.lines.first { $0.message.contains("was dropped") })
        #expect(line.fields.contains { $0 == ("application", "stranger") })
    }

    /// Ray answers that there is nothing while it looks for its controller. Writing then would delete everything.
    @Test func doubtsAServeThatIsSuddenlyEmpty() async throws {
        let world = try await RayWorld()
        world.addForeign("theirs")
        let book = world.book { $0.emptinessPatience = .seconds(30) }
        let empty = try Recording.value("serve_not_started")
        world.serve.change { $0.lies = [empty, empty, empty] }
        try await book.write("ours", .declare(Self.configuration("ours")))
        #expect(world.serve.names == ["ours", "theirs"])
    }

    @Test func believesAnEmptyServeInTheEnd() async throws {
        let world = try await RayWorld()
        let book = world.book { $0.emptinessPatience = .milliseconds(50) }
        try await book.write("ours", .declare(Self.configuration("ours")))
        #expect(world.serve.names == ["ours"])
        #expect(world.serve.change { $0.reads } >= 3)
    }

    @Test func waitsUntilServeTellsWhatIsDeclared() async throws {
        let world = try await RayWorld()
        world.addForeign("theirs")
        let untold: JSONValue = [
            "controller_info": ["node_id": "1"],
            "applications": ["theirs": ["status": "RUNNING", "source": "declarative", "deployed_app_config": .null]],
        ]
        world.serve.change { $0.lies = [untold, untold] }
        try await world.book().write("ours", .declare(Self.configuration("ours")))
        #expect(world.serve.names == ["ours", "theirs"])
    }

    /// Each write begins anew to load the code of every application that is just being loaded.
    @Test func waitsForTheCodeOfOthers() async throws {
        let world = try await RayWorld()
        world.addForeign("theirs", states: ["building", "building", "building", "running"])
        try await world.book { $0.buildPatience = .seconds(30) }.write("ours", .declare(Self.configuration("ours")))
        #expect(world.serve.change { $0.reads } >= 4)
        #expect(world.serve.names == ["ours", "theirs"])
    }

    @Test func waitsForTheCodeOfOthersOnlySoLong() async throws {
        let world = try await RayWorld()
        world.addForeign("theirs", states: ["building"])
        try await world.book { $0.buildPatience = .milliseconds(200) }.write(
            "ours", .declare(Self.configuration("ours")))
        #expect(world.serve.names == ["ours", "theirs"])
    }

    @Test func writesTogetherWhatWaits() async throws {
        let world = try await RayWorld()
        let book = world.book()
        await withTaskGroup { group in
            for number in 0..<20 {
                group.addTask { try? await book.write("a\(number)", .declare(Self.configuration("a\(number)"))) }
            }
        }
        #expect(world.serve.names.count == 20)
        #expect(world.serve.change { $0.writes.count } <= 10)
    }

    /// What one process loses to the other is there at the latest when it has looked again.
    @Test func severalProcessesEndUpWithEverything() async throws {
        let world = try await RayWorld()
        world.addForeign("theirs")
        await withTaskGroup { group in
            for process in 0..<4 {
                group.addTask {
                    let book = world.book()
                    for round in 0..<5 {
                        let name = "p\(process)-\(round)"
                        try? await book.write(name, .declare(Self.configuration(name)))
                    }
                    // The next looks.
                    for _ in 0..<100 where world.serve.names.count < 21 {
                        for round in 0..<5 {
                            let name = "p\(process)-\(round)"
                            try? await book.write(name, .declare(Self.configuration(name)))
                        }
                        try? await Task.sleep(for: .milliseconds(20))
                    }
                }
            }
        }
        #expect(world.serve.names.count == 21)
        #expect(world.serve.names.contains("theirs"))
    }

    @Test func isNotKeptFromWritingByWhatIsRefusedToAnother() async throws {
        let world = try await RayWorld()
        let text = try Recording.text("refused_working_dir.txt")
        world.serve.change { $0.refusal = (.badRequest, text) }
        let book = world.book()
        let error = await #expect(throws: ServeError.self) {
            try await book.write("bad", .declare(Self.configuration("bad")))
        }
        guard case .refused(let message) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(message.contains("applications.0.runtime_env"))
        #expect(!message.contains("For further information"))
        world.serve.change { $0.refusal = nil }
        try await book.write("good", .declare(Self.configuration("good")))
        #expect(world.serve.names == ["good"])
    }

    @Test func tellsFaultsOfRaysOwnFromRefusals() async throws {
        let world = try await RayWorld()
        let text = try Recording.text("fault_bad_json.txt")
        world.serve.change { $0.refusal = (.internalServerError, text) }
        let error = await #expect(throws: ServeError.self) {
            try await world.book().write("ours", .declare(Self.configuration("ours")))
        }
        guard case .faulty(status: 500, let message) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(message.hasPrefix("json.decoder.JSONDecodeError"))
    }

    @Test func sharesReadings() async throws {
        let world = try await RayWorld()
        world.addForeign("theirs")
        let book = world.book()
        await withTaskGroup { group in
            for _ in 0..<50 { group.addTask { _ = try? await book.state(notOlderThan: .seconds(60)) } }
        }
        #expect(world.serve.change { $0.reads } == 1)
        _ = try await book.state(notOlderThan: .zero)
        #expect(world.serve.change { $0.reads } == 2)
    }
}

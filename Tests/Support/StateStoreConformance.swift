import Dapr
import JSON
import Testing

/// What every state store must do: the suite that the fakes share with the real client in front of a real sidecar.
package struct StateStoreConformance: Sendable, CustomTestStringConvertible {
    /// A store that begins empty, and a way to let its time pass.
    package struct Subject: Sendable {
        let store: any StateStore
        let advance: @Sendable (Duration) async -> Void

        package init(_ store: any StateStore, advance: @escaping @Sendable (Duration) async -> Void) {
            self.store = store
            self.advance = advance
        }

        func put(_ key: String, _ json: String, _ condition: StateCondition = .always, ttl: Duration? = nil)
            async throws
        {
            try await store.transact([
                .upsert(key: key, value: Array(json.utf8), condition: condition, timeToLive: ttl)
            ])
        }

        func value(_ key: String) async throws -> JSONValue? {
            try await store.get(key).map { try JSONParser.parse($0.value) }
        }

        func etag(_ key: String) async throws -> String {
            try #require(try await store.get(key)).etag
        }

        func expectRefusal(of key: String, _ json: String) async {
            let error = await #expect(throws: DaprError.self) { try await put(key, json) }
            guard case .rejected = error else {
                Issue.record("not refused but \(String(describing: error))")
                return
            }
        }

        func expectConflict(_ what: String, _ operations: StateOperation...) async {
            await #expect(throws: DaprError.conflict, Comment(rawValue: what)) {
                try await store.transact(operations)
            }
        }
    }

    package let testDescription: String
    private let body: @Sendable (Subject) async throws -> Void

    init(_ name: String, _ body: @escaping @Sendable (Subject) async throws -> Void) {
        testDescription = name
        self.body = body
    }

    package func check(_ subject: Subject) async throws { try await body(subject) }

    package static let all = reading + writing + transactions + expiry + races

    private static let reading: [Self] = [
        Self("an absent key is nothing") { subject async throws in
            #expect(try await subject.store.get("absent") == nil)
            #expect(try await subject.store.get(["absent", "too"]).isEmpty)
            #expect(try await subject.store.get([]).isEmpty)
        },
        Self("what was written is read back") { subject async throws in
            for json in [
                "{\"a\":1,\"b\":[true,null,\"x<y>&z\"]}", "\"text\"", "42", "-0.5", "[]", "{}", "true", "null",
            ] {
                try await subject.put("k", json)
                #expect(try await subject.value("k") == (try JSONParser.parse(json)), "\(json)")
            }
        },
        Self("many keys are read at once, the present ones only") { subject async throws in
            try await subject.put("a", "1")
            try await subject.put("b", "{\"n\":2}")
            let entries = try await subject.store.get(["b", "missing", "a"])
            #expect(entries.keys.sorted() == ["a", "b"])
            #expect(entries["b"]?.etag == (try await subject.etag("b")))
            #expect(try entries["b"].map { try JSONParser.parse($0.value) } == ["n": 2])
        },
        Self("keys may hold any character but two bars") { subject async throws in
            let keys = [
                "model:0198c0de-7a3b-7cc1-8b54-0f6d1f2a3b4c", "dir/sub", "sp ace", "pct%41", "%2F", "ünï", "q?x", "a+b",
                "semi;colon", "hash#1", "dq\"x", "back\\slash", "a/../b", "a//b", "tilde~", "1",
            ]
            for (index, key) in keys.enumerated() { try await subject.put(key, "\(index)") }
            for (index, key) in keys.enumerated() {
                #expect(try await subject.value(key) == .integer(Int64(index)), "\(key)")
            }
            #expect(try await subject.store.get(keys).count == keys.count)
            await subject.expectRefusal(of: "a||b", "1")
        },
    ]

    private static let writing: [Self] = [
        Self("insert-only refuses a key that is there") { subject async throws in
            try await subject.put("k", "1", .insertOnly)
            await subject.expectConflict("exists", .upsert(key: "k", value: [0x32], condition: .insertOnly))
            #expect(try await subject.value("k") == 1)
            try await subject.store.transact([.delete(key: "k", etag: nil)])
            try await subject.put("k", "3", .insertOnly)
            #expect(try await subject.value("k") == 3)
        },
        Self("a write with the current ETag succeeds once") { subject async throws in
            try await subject.put("k", "1")
            let etag = try await subject.etag("k")
            try await subject.put("k", "2", .etag(etag))
            await subject.expectConflict("stale", .upsert(key: "k", value: [0x33], condition: .etag(etag)))
            #expect(try await subject.value("k") == 2)
        },
        Self("an ETag never comes back") { subject async throws in
            var seen: Set<String> = []
            for _ in 0..<3 {
                try await subject.put("k", "1")
                #expect(seen.insert(try await subject.etag("k")).inserted)
            }
            try await subject.store.transact([.delete(key: "k", etag: nil)])
            try await subject.put("k", "1")
            #expect(seen.insert(try await subject.etag("k")).inserted)
        },
        Self("no ETag fits a key that is absent, and no other text fits one that is there") { subject async throws in
            try await subject.put("k", "1")
            let etag = try await subject.etag("k")
            try await subject.store.transact([.delete(key: "k", etag: etag)])
            await subject.expectConflict("absent", .upsert(key: "k", value: [0x32], condition: .etag(etag)))
            #expect(try await subject.store.get("k") == nil)
            try await subject.put("k", "1")
            for other in ["", "garbage", "*"] {
                await subject.expectConflict(other, .upsert(key: "k", value: [0x32], condition: .etag(other)))
                await subject.expectConflict(other, .delete(key: "k", etag: other))
            }
            #expect(try await subject.value("k") == 1)
        },
        Self("deleting an absent key succeeds, unless an ETag is asked for") { subject async throws in
            try await subject.store.transact([.delete(key: "absent", etag: nil)])
            try await subject.put("k", "1")
            let etag = try await subject.etag("k")
            await subject.expectConflict("absent", .delete(key: "absent", etag: etag))
            try await subject.put("k", "2")
            await subject.expectConflict("stale", .delete(key: "k", etag: etag))
            try await subject.store.transact([.delete(key: "k", etag: try await subject.etag("k"))])
            #expect(try await subject.store.get("k") == nil)
        },
        Self("a value that is not JSON is refused") { subject async throws in
            await subject.expectRefusal(of: "k", "{oops")
            #expect(try await subject.store.get("k") == nil)
        },
    ]

    private static let transactions: [Self] = [
        Self("one condition that fails undoes the whole transaction") { subject async throws in
            try await subject.put("old", "1")
            let etag = try await subject.etag("old")
            try await subject.put("old", "2")
            let before = try await subject.etag("old")
            await subject.expectConflict(
                "rolled back", .upsert(key: "new", value: [0x31], condition: .insertOnly),
                .upsert(key: "other", value: [0x31], condition: .always), .delete(key: "old", etag: nil),
                .upsert(key: "old", value: [0x33], condition: .etag(etag)))
            #expect(try await subject.store.get(["new", "other"]).isEmpty)
            #expect(try await subject.etag("old") == before)
        },
        Self("operations happen in their order, also on one key") { subject async throws in
            try await subject.store.transact([
                .upsert(key: "k", value: [0x31], condition: .insertOnly), .delete(key: "k", etag: nil),
                .upsert(key: "k", value: [0x32], condition: .insertOnly),
            ])
            #expect(try await subject.value("k") == 2)
        },
        Self("an empty transaction succeeds") { subject async throws in
            try await subject.store.transact([])
        },
        Self("a transaction takes as many operations as the limit says") { subject async throws in
            let count = StateLimits.maximumOperations
            try await subject.store.transact(
                (0..<count).map {
                    .upsert(key: "many-\($0)", value: Array("\($0)".utf8), condition: .insertOnly)
                })
            let entries = try await subject.store.get((0..<count).map { "many-\($0)" })
            #expect(entries.count == count)
        },
    ]

    private static let expiry: [Self] = [
        Self("an entry ends with its time to live") { subject async throws in
            try await subject.put("k", "1", ttl: .seconds(10))
            try await subject.put("stays", "1")
            await subject.advance(.seconds(8))
            #expect(try await subject.value("k") == 1)
            await subject.advance(.seconds(4))
            #expect(try await subject.store.get("k") == nil)
            #expect(try await subject.store.get(["k", "stays"]).keys.sorted() == ["stays"])
        },
        Self("an expired entry is as good as absent") { subject async throws in
            try await subject.put("k", "1", ttl: .seconds(5))
            let etag = try await subject.etag("k")
            await subject.advance(.seconds(7))
            await subject.expectConflict("expired", .upsert(key: "k", value: [0x32], condition: .etag(etag)))
            try await subject.put("k", "3", .insertOnly)
            await subject.advance(.seconds(60))
            #expect(try await subject.value("k") == 3)
        },
        Self("each write sets the time to live anew") { subject async throws in
            try await subject.put("k", "1", ttl: .seconds(5))
            try await subject.put("k", "2", .etag(try await subject.etag("k")), ttl: .seconds(20))
            await subject.advance(.seconds(7))
            #expect(try await subject.value("k") == 2)
            try await subject.put("k", "3")
            await subject.advance(.seconds(60))
            #expect(try await subject.value("k") == 3)
        },
    ]

    private static let races: [Self] = [
        Self("of many writers with one ETag one wins") { subject async throws in
            try await subject.put("k", "0")
            let etag = try await subject.etag("k")
            let wins = try await winners(of: 20) { number in
                try await subject.put("k", "\(number)", .etag(etag))
            }
            #expect(wins.count == 1)
            #expect(try await subject.value("k") == wins.first.map { .integer(Int64($0)) })
        },
        Self("of many inserts of one key one wins, with all that belongs to it") { subject async throws in
            let wins = try await winners(of: 20) { number in
                try await subject.store.transact([
                    .upsert(key: "side-\(number)", value: [0x31], condition: .insertOnly),
                    .upsert(key: "k", value: Array("\(number)".utf8), condition: .insertOnly),
                ])
            }
            #expect(wins.count == 1)
            let sides = try await subject.store.get((1...20).map { "side-\($0)" })
            #expect(sides.keys.sorted() == wins.map { "side-\($0)" })
        },
    ]

    /// The numbers of those whose write was not a conflict. Any other error fails the test.
    private static func winners(
        of count: Int, _ write: @escaping @Sendable (Int) async throws -> Void
    ) async throws -> [Int] {
        try await withThrowingTaskGroup(of: Int?.self) { group in
            for number in 1...count {
                group.addTask {
                    do {
                        try await write(number)
                        return number
                    } catch DaprError.conflict {
                        return nil
                    }
                }
            }
            return try await group.reduce(into: []) { winners, number in
                if let number { winners.append(number) }
            }
        }
    }
}

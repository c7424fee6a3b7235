import JSON
import Testing

@Suite struct JSONFieldsListTests {
    private func problems(_ text: String, _ read: (JSONFields) -> Void) throws -> [String] {
        let fields = JSONFields(try JSONParser.parse(text))
        read(fields)
        do throws(JSONFieldProblems) {
            try fields.finish()
            return []
        } catch {
            return error.problems.map { "\($0.pointer) \($0.message)" }
        }
    }

    @Test func readsObjectsWithTheirPlaces() throws {
        let text = #"{"rules": [{"name": "a"}, {"nam": "b"}, 7]}"#
        let found = try problems(text) { fields in
            for object in fields.optionalObjects("rules", maximumCount: 3) ?? [] {
                _ = object.string("name", maximumLength: 8)
            }
        }
        #expect(
            found == [
                "/rules/1/name is required", "/rules/1/nam unknown field",
                "/rules/2 must be an object, not a number", "/rules/2/name is required",
            ])
    }

    @Test func readsTextsOfARule() throws {
        let text = #"{"groups": ["a", "", 1]}"#
        let found = try problems(text) { fields in
            let groups = fields.optionalTexts("groups", maximumCount: 3, "is empty") { $0.isEmpty ? nil : $0 }
            #expect(groups == ["a"])
        }
        #expect(found == ["/groups has an element 1 that is empty", "/groups has an element 2 that is empty"])
    }

    @Test(arguments: [#"{"list": 1}"#, #"{"list": {}}"#, #"{"list": ["a", "b", "c"]}"#])
    func refusesWhatIsNoListOrTooLong(text: String) throws {
        let objects = try problems(text) { _ = $0.optionalObjects("list", maximumCount: 2) }
        #expect(objects.contains { $0.hasPrefix("/list ") })
        let texts = try problems(text) { _ = $0.optionalTexts("list", maximumCount: 2, "x") { $0 } }
        #expect(texts.count == 1)
    }
}

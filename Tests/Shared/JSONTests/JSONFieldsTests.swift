@testable import JSON
import Testing

struct JSONFieldsTests {
    private enum Colour: String, CaseIterable {
        case red, green
    }

    @Test func readsEveryKindOfField() throws {
        let fields = JSONFields(
            try JSONParser.parse(
                #"{"name":"x","count":3,"on":true,"colour":"red","labels":{"a":"b"},"in":{"deep":1},"none":null}"#))
        #expect(fields.string("name", maximumLength: 10) == "x")
        #expect(fields.integer("count", in: 1...5) == 3)
        #expect(fields.optionalBool("on") == true)
        #expect(fields.optionalChoice("colour", Colour.self) == .red)
        #expect(fields.optionalStrings("labels", maximumCount: 2, maximumLength: 5) == ["a": "b"])
        let inner = try #require(fields.optionalObject("in"))
        #expect(inner.integer("deep", in: 0...9) == 1)
        #expect(fields.optionalString("none", maximumLength: 1) == nil)
        try fields.finish()
    }

    @Test func collectsEveryProblemWithItsPath() throws {
        let fields = JSONFields(
            try JSONParser.parse(
                #"{"name":7,"long":"abcdef","count":9,"colour":"blue","in":{"x/y":1,"deep":"no"},"#
                    + #""extra":1,"ctrl":"a\u0001"}"#
            ))
        _ = fields.string("name", maximumLength: 10)
        _ = fields.string("long", maximumLength: 3)
        _ = fields.integer("count", in: 1...5)
        _ = fields.optionalChoice("colour", Colour.self)
        _ = fields.string("absent", maximumLength: 3)
        _ = fields.optionalString("ctrl", maximumLength: 3)
        let inner = try #require(fields.optionalObject("in"))
        _ = inner.integer("deep", in: 0...9)
        let error = #expect(throws: JSONFieldProblems.self) { try fields.finish() }
        let found = Dictionary(uniqueKeysWithValues: (error?.problems ?? []).map { ($0.pointer, $0.message) })
        #expect(
            found == [
                "/name": "must be a string, not a number", "/long": "is 6 bytes long; at most 3 are allowed",
                "/count": "must be from 1 to 5", "/colour": "must be one of red, green", "/absent": "is required",
                "/ctrl": "must not hold control characters", "/in/deep": "must be an integer, not a string",
                "/in/x~1y": "unknown field", "/extra": "unknown field",
            ])
    }

    @Test func aBodyThatIsNoObjectIsAProblemOfItsOwn() {
        #expect(throws: JSONFieldProblems(problems: [.init(pointer: "", message: "must be an object, not an array")])) {
            try JSONFields(.array([])).finish()
        }
    }
}

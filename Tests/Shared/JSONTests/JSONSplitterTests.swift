import JSON
import Testing

struct JSONSplitterTests {
    private func split(_ text: String) throws -> [[String: String]] {
        try JSONSplitter.objects(in: Array(text.utf8)).map { members in
            Dictionary(uniqueKeysWithValues: members.map { ($0.name, String(decoding: $0.text, as: UTF8.self)) })
        }
    }

    @Test func leavesValuesAsTheyAre() throws {
        let text = #"""
             [ { "key" : "a\"}" , "data":{"x":[1, 2,{"y":"]\\"}]},"etag":null } ,{}, {"n":-1.5e3,"\u0061":true}]
            """#
        #expect(
            try split(text) == [
                ["key": #""a\"}""#, "data": #"{"x":[1, 2,{"y":"]\\"}]}"#, "etag": "null"], [:],
                ["n": "-1.5e3", "a": "true"],
            ])
        #expect(try split(" [] ").isEmpty)
    }

    @Test(arguments: [
        "", "{}", "[", "[{]", "[{}", "[{},]", "[{}] x", "[1]", #"[{"a"}]"#, #"[{"a":}]"#, #"[{"a":1,}]"#,
        #"[{"a":"x}]"#,
        #"[{"a":[1}"#, #"[{a:1}]"#, #"[{"a":"\"#, "[{\"a\":1 2}]",
    ])
    func refusesWhatIsNoArrayOfObjects(text: String) {
        #expect(throws: JSONError.self) { try split(text) }
    }
}

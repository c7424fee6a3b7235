import Domain
import HTTP
import Testing

struct QueryParametersTests {
    @Test func decodesNamesAndValues() throws {
        let query = try QueryParameters(
            HTTPRequest(.get, "/x?page_size=20&name=a%20b+c&empty="), known: ["page_size", "name", "empty"])
        #expect(try query.integer("page_size", in: 1...500, default: 50) == 20)
        #expect(query["name"] == "a b c")
        #expect(query["empty"] == "")
        #expect(query["other"] == nil)
    }

    @Test(arguments: [
        ("/x?a=1&a=2", "a"), ("/x?b=1", "b"), ("/x?a=%zz", "query"), ("/x?=1", ""),
    ])
    func refuses(target: String, field: String) {
        let error = #expect(throws: ServiceError.self) {
            try QueryParameters(HTTPRequest(.get, target), known: ["a"])
        }
        guard case .invalid(let problems) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(problems.map(\.field) == [field])
    }

    @Test(arguments: ["0", "501", "-1", "x", "", "99999999999999999999"])
    func keepsIntegersInRange(text: String) throws {
        let query = try QueryParameters(HTTPRequest(.get, "/x?n=\(text)"), known: ["n"])
        #expect(throws: ServiceError.self) { try query.integer("n", in: 1...500, default: 50) }
    }
}

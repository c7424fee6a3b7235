import FoundationEssentials
import HTTP
import JSON

/// A request that was sent to a real daprd, and what came back. Dates, lengths and connection fields are left out.
package struct RecordedExchange: Sendable, CustomStringConvertible {
    /// Groups begin alike: `state.` and `tx.` ran on state.postgresql v1, `pg2.` on v2, `mem.` on state.in-memory.
    package let name: String
    package let method: HTTPMethod
    package let target: String
    package let requestFields: HTTPFields
    /// `(5242880 bytes)` stands for a body of that length that was left out.
    package let requestBody: String
    package let status: Int
    package let responseFields: HTTPFields
    package let responseBody: String

    package var description: String { name }

    package var request: HTTPRequest {
        HTTPRequest(
            method, target, fields: requestFields, body: requestBody.isEmpty ? .empty : HTTPBody(requestBody))
    }

    package var response: HTTPResponse {
        HTTPResponse(
            HTTPStatus(status), fields: responseFields,
            body: responseBody.isEmpty ? .empty : HTTPBody(responseBody))
    }

    /// All of them, in the order in which they happened.
    package static let all: [RecordedExchange] = {
        let file =
            #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
            .joined(separator: "/") + "/Fixtures/Dapr/exchanges.jsonl"
        let data = FileManager.default.contents(atPath: file) ?? Data()
        return data.split(separator: UInt8(ascii: "\n")).compactMap { try? JSONParser.parse(Array($0)) }
            .compactMap(RecordedExchange.init)
    }()

    /// The only exchange of this name.
    package static func named(_ name: String) throws -> RecordedExchange {
        guard let exchange = all.first(where: { $0.name == name }) else { throw Missing(name: name) }
        return exchange
    }

    package struct Missing: Error {
        let name: String
    }

    private init?(_ value: JSONValue) {
        guard let name = value["name"]?.stringValue, let request = value["request"],
            let method = request["method"]?.stringValue, let target = request["path"]?.stringValue,
            let body = request["body"]?.stringValue, let response = value["response"],
            let status = response["status"]?.integerValue, let answer = response["body"]?.stringValue
        else { return nil }
        self.name = name
        self.method = HTTPMethod(method)
        self.target = target
        requestFields = Self.fields(request["fields"])
        requestBody = body
        self.status = Int(status)
        responseFields = Self.fields(response["fields"])
        responseBody = answer
    }

    /// A field that came several times is a list.
    private static func fields(_ value: JSONValue?) -> HTTPFields {
        var fields = HTTPFields()
        for (name, value) in value?.objectValue?.members ?? [] {
            for text in value.arrayValue ?? [value] { fields.append(name, text.stringValue ?? "") }
        }
        return fields
    }
}

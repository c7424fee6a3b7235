import Foundation
import HTTP
import JSON

/// What a real API server answered once.
struct RecordedAnswer: Sendable {
    let name: String
    let method: HTTPMethod
    let path: String
    let contentType: String?
    let status: Int
    let fields: HTTPFields
    let body: [UInt8]
    /// Of a watch.
    let lines: [JSONValue]

    static let all: [RecordedAnswer] = {
        let file =
            #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
            + "/Fixtures/Kubernetes/exchanges.jsonl"
        let data = FileManager.default.contents(atPath: file) ?? Data()
        return data.split(separator: UInt8(ascii: "\n")).compactMap { try? JSONParser.parse(Array($0)) }
            .compactMap(RecordedAnswer.init)
    }()

    struct Missing: Error {
        let name: String
    }

    static func named(_ name: String) throws -> RecordedAnswer {
        guard let answer = all.first(where: { $0.name == name }) else { throw Missing(name: name) }
        return answer
    }

    private init?(_ value: JSONValue) {
        guard let name = value["name"]?.stringValue, let method = value["method"]?.stringValue,
            let path = value["path"]?.stringValue, let status = value["status"]?.integerValue
        else { return nil }
        self.name = name
        self.method = HTTPMethod(method)
        self.path = path
        self.status = Int(status)
        contentType = value["content_type"]?.stringValue
        var fields = HTTPFields()
        for (name, value) in value["fields"]?.objectValue?.members ?? [] {
            fields.append(name, value.stringValue ?? "")
        }
        self.fields = fields
        lines = value["lines"]?.arrayValue ?? []
        body =
            switch value["body"] {
            case .string(let text): Array(text.utf8)
            case .null, nil: lines.flatMap { JSONWriter.bytes($0) + [UInt8(ascii: "\n")] }
            case let document?: JSONWriter.bytes(document)
            }
    }

    var response: HTTPResponse {
        HTTPResponse(HTTPStatus(status), fields: fields, body: .bytes(body))
    }
}

import Domain
import JSON

extension HTTPRequest {
    /// Reads the body as JSON.
    ///
    /// What says nothing about its type is taken to be JSON; what says that it is something else is not looked at.
    /// - Throws: `.unsupportedContent`, `.tooLarge` above the limit, `.invalid` if it is not JSON.
    public func json(limitBytes: Int) async throws(ServiceError) -> JSONValue {
        if let type = fields["Content-Type"] {
            let media = type.prefix { $0 != ";" }.trimmingSpaces.lowercased()
            guard media == "application/json" || media.hasSuffix("+json") else {
                // The type that curl gives every body by itself is what most people meet here.
                throw .unsupportedContent(
                    "The body must be JSON, but its Content-Type says \"\(media.prefix(64))\"; "
                        + "with curl, add: -H 'Content-Type: application/json'")
            }
        }
        let bytes: [UInt8]
        do {
            bytes = try await body.collect(limitBytes: limitBytes)
        } catch HTTPBodyError.tooLarge {
            throw .tooLarge("The body is larger than \(limitBytes) bytes.")
        } catch {
            throw .invalid("", "the body did not arrive whole")
        }
        do throws(JSONError) {
            return try JSONParser.parse(bytes)
        } catch {
            throw .invalid("", "the body is not valid JSON: \(error.message) at byte \(error.offset)")
        }
    }
}

extension JSONFields {
    /// `finish()`, with the problems as a `ServiceError`.
    public func validate() throws(ServiceError) {
        do throws(JSONFieldProblems) {
            try finish()
        } catch {
            throw .invalid(error.problems.map { FieldProblem(field: $0.pointer, message: $0.message) })
        }
    }
}

extension HTTPResponse {
    public static func json(_ status: HTTPStatus, _ value: JSONValue, fields: HTTPFields = [:]) -> Self {
        var fields = fields
        fields.append("Content-Type", "application/json")
        return Self(status, fields: fields, body: .bytes(JSONWriter.bytes(value)))
    }
}

extension Substring {
    var trimmingSpaces: Substring {
        var text = self
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }
}

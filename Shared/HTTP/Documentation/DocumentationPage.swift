import JSON

/// An OpenAPI document as one HTML page, without scripts and without anything from elsewhere.
public struct DocumentationPage {
    /// The methods of an operation, in the order in which they are shown.
    private static let methods = ["get", "post", "put", "patch", "delete", "head", "options"]

    private let document: JSONValue

    public init(_ document: JSONValue) { self.document = document }

    public var response: HTTPResponse {
        HTTPResponse(
            .ok,
            fields: [
                "Content-Type": "text/html; charset=utf-8",
                "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
            ], body: HTTPBody(html))
    }

    private var html: String {
        let title = text(document["info"], "title")
        let components = document["components"]?["schemas"]?.objectValue?.members ?? []
        return """
            <!doctype html>
            <html lang="en">
            <head><meta charset="utf-8"><title>\(title)</title><style>\(Self.style)</style></head>
            <body>
            <h1>\(title)</h1>
            <p>\(text(document["info"], "summary"))</p>
            \(sections.joined(separator: "\n"))
            <h2>Schemas</h2>
            \(components.map { "<h3>\(escaped($0.name))</h3>\(preformatted($0.value))" }.joined())
            </body>
            </html>

            """
    }

    private var sections: [String] {
        (document["paths"]?.objectValue?.members ?? []).flatMap { path in
            Self.methods.compactMap { method in
                path.value[method].map { section(method, path.name, $0, shared: path.value["parameters"]) }
            }
        }
    }

    /// - Parameter shared: the parameters of all operations of the path.
    private func section(_ method: String, _ path: String, _ operation: JSONValue, shared: JSONValue?) -> String {
        let parameters = ((shared?.arrayValue ?? []) + (operation["parameters"]?.arrayValue ?? [])).map {
            "<li><code>\(text($0, "name"))</code> (\(text($0, "in"))): \(text($0, "description"))</li>"
        }
        let responses = (operation["responses"]?.objectValue?.members ?? []).map {
            "<li>\(escaped($0.name)) \(text($0.value, "description"))\(schemas(of: $0.value))</li>"
        }
        return """
            <section>
            <h2><b>\(method.uppercased())</b> \(escaped(path))</h2>
            <p>\(text(operation, "summary")) <small>\(access(operation))</small></p>
            <ul>\(parameters.joined())</ul>
            \(operation["requestBody"].map { "<p>Body:</p>\(schemas(of: $0))" } ?? "")
            <ul>\(responses.joined())</ul>
            </section>
            """
    }

    private func access(_ operation: JSONValue) -> String {
        if operation["x-permission"] != nil { return text(operation, "x-permission") }
        let schemes = (operation["security"]?.arrayValue ?? []).flatMap { $0.objectValue?.members.map(\.name) ?? [] }
        return schemes.isEmpty ? "open" : escaped(schemes.joined(separator: ", "))
    }

    private func schemas(of content: JSONValue) -> String {
        (content["content"]?.objectValue?.members ?? []).compactMap { $0.value["schema"].map(preformatted) }.joined()
    }

    private func text(_ value: JSONValue?, _ member: String) -> String { escaped(value?[member]?.stringValue ?? "") }

    private func preformatted(_ schema: JSONValue) -> String {
        "<pre>\(escaped(JSONWriter.text(schema, style: .indented)))</pre>"
    }

    private func escaped(_ text: String) -> String {
        text.map { character in
            switch character {
            case "&": "&amp;"
            case "<": "&lt;"
            case ">": "&gt;"
            case "\"": "&quot;"
            default: String(character)
            }
        }.joined()
    }

    private static let style = """
        body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}\
        section{border-top:1px solid #ddd}h2{font-size:1.1rem}h2 b{color:#06c}\
        pre{background:#f6f6f6;padding:.6rem;overflow:auto}small{background:#eee;padding:.1rem .4rem}
        """
}

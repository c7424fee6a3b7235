import HTTP
import JSON

/// An API document as one HTML page, without scripts and without anything from elsewhere.
struct DocumentationPage {
    let document: APIDocument

    var html: String {
        let components = document.json["components"]?["schemas"]?.objectValue?.members ?? []
        return """
            <!doctype html>
            <html lang="en">
            <head><meta charset="utf-8"><title>\(escaped(document.title))</title><style>\(Self.style)</style></head>
            <body>
            <h1>\(escaped(document.title))</h1>
            <p>\(escaped(document.summary))</p>
            \(document.operations.map(section).joined(separator: "\n"))
            <h2>Schemas</h2>
            \(components.map { "<h3 id=\"\(escaped($0.name))\">\($0.name)</h3>\(preformatted($0.value))" }.joined())
            </body>
            </html>

            """
    }

    private func section(_ operation: APIOperation) -> String {
        let access: String =
            switch operation.access {
            case .open: "open"
            case .requires(let permission): permission
            }
        let parameters = operation.parameters.map {
            "<li><code>\(escaped($0.name))</code> (\($0.location)): \(escaped($0.description))</li>"
        }
        let responses = operation.responses.map {
            "<li>\($0.status.code) \(escaped($0.description))\($0.schema.map(preformatted) ?? "")</li>"
        }
        return """
            <section>
            <h2><b>\(operation.method.rawValue)</b> \(escaped(operation.path))</h2>
            <p>\(escaped(operation.summary)) <small>\(escaped(access))</small></p>
            <ul>\(parameters.joined())</ul>
            \(operation.request.map { "<p>Body:</p>\(preformatted($0))" } ?? "")
            <ul>\(responses.joined())</ul>
            </section>
            """
    }

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

import HTTP
import JSON

/// The API document, for machines and for people.
struct DocumentationRoutes: Sendable {
    let document: APIDocument

    var routes: [Route] {
        [
            .get("/openapi.json", .requires("documentation:read")) { [document] _, _ in .json(.ok, document.json) },
            .get("/docs", .requires("documentation:read")) { [document] _, _ in
                HTTPResponse(
                    .ok,
                    fields: [
                        "Content-Type": "text/html; charset=utf-8",
                        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
                    ], body: HTTPBody(DocumentationPage(document: document).html))
            },
        ]
    }
}

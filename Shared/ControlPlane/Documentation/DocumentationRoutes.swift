import HTTP
import JSON

/// The API document, for machines and for people.
struct DocumentationRoutes: Sendable {
    let document: APIDocument

    var routes: [Route] {
        [
            .get("/openapi.json", .requires("documentation:read")) { [document] _, _ in .json(.ok, document.json) },
            .get("/docs", .requires("documentation:read")) { [document] _, _ in
                DocumentationPage(document.json).response
            },
        ]
    }
}

import ControlPlane
import FoundationEssentials
import HTTP
import JSON
import Testing

/// A JSON file of the repository that says what the code says. `UPDATE_DOCUMENTS=1 swift test` writes it anew.
package struct CheckedInDocument {
    private let path: String

    /// - Parameter path: from the repository's root.
    package init(_ path: String) {
        let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        self.path = (root + [path[...]]).joined(separator: "/")
    }

    /// That a service's README tells of every operation of its API.
    package func expectMention(of document: APIDocument) throws {
        let text = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
        for operation in document.operations where !APIDocument.isCommon(operation.path) {
            #expect(text.contains("`\(operation.method) \(operation.path)`"), "\(operation.method) \(operation.path)")
        }
    }

    package func expect(_ document: JSONValue) throws {
        let text = JSONWriter.text(document, style: .indented) + "\n"
        if ProcessInfo.processInfo.environment["UPDATE_DOCUMENTS"] != nil {
            try Data(text.utf8).write(to: URL(filePath: path))
        }
        let stored = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
        #expect(stored == text, "\(path) is not what the code says; run the tests with UPDATE_DOCUMENTS=1")
    }
}

extension InProcessServer {
    /// Routes that only one of server and document knows, or for which they name different permissions.
    package func undocumented(in document: APIDocument) -> [String] {
        let routed = Set(responder.router.routes.map { "\($0.method) \($0.pattern) \($0.access)" })
        let documented = Set(document.operations.map { "\($0.method) \($0.path) \($0.access)" })
        return routed.symmetricDifference(documented).sorted()
    }

    /// A request for each route that is not open.
    package var guardedTargets: [(HTTPMethod, String)] {
        responder.router.routes.filter { $0.access != .open }.map { route in
            let segments = route.pattern.description.split(separator: "/").map { segment in
                segment.hasPrefix("{") ? "01920000-0000-7000-8000-000000000001" : String(segment)
            }
            return (route.method, "/" + segments.joined(separator: "/"))
        }
    }
}

import FoundationEssentials
import JSON
import Testing

/// A file of the repository that says what the code says. `UPDATE_DOCUMENTS=1 swift test` writes it anew.
package struct CheckedInDocument {
    /// From the file system's root.
    package let path: String

    /// - Parameter path: from the repository's root.
    package init(_ path: String) {
        let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        self.path = (root + [path[...]]).joined(separator: "/")
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

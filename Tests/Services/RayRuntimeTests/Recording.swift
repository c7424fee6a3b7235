import FoundationEssentials
import JSON

/// What a real Ray Serve 2.60 answered, shortened by what nobody here reads.
enum Recording {
    static func text(_ name: String) throws -> String {
        let folder = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        return try String(
            contentsOf: URL(filePath: folder.joined(separator: "/") + "/Recordings/\(name)"), encoding: .utf8)
    }

    static func value(_ name: String) throws -> JSONValue { try JSONParser.parse(text("\(name).json")) }
}

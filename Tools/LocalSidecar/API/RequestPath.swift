import HTTP

/// A request's path as daprd's router sees it.
struct RequestPath {
    /// Decoded once; as in a query, `+` is a space.
    let segments: [String]

    /// Takes the path apart as Go's `path.Clean` and the router do: empty and dot segments go, a trailing slash too.
    /// Nil if an escape is broken.
    init?(_ path: Substring) {
        var segments: [String] = []
        for segment in path.split(separator: "/") where segment != "." {
            if segment == ".." {
                _ = segments.popLast()
                continue
            }
            guard let decoded = PercentEncoding.decode(segment, plusIsSpace: true) else { return nil }
            segments.append(decoded)
        }
        self.segments = segments
    }

    /// Whether every `%` in the target begins a valid escape.
    static func isWellFormed(_ path: Substring) -> Bool { PercentEncoding.decode(path) != nil }
}

extension HTTPRequest {
    /// The first value of a query parameter; empty counts as absent.
    func parameter(_ name: String) -> String? {
        parameters.first { $0.name == name }.flatMap { $0.value.isEmpty ? nil : $0.value }
    }

    /// The parameters `metadata.*`, without that word.
    var queryMetadata: [String: String] {
        var metadata: [String: String] = [:]
        for (name, value) in parameters where name.hasPrefix("metadata.") {
            metadata[String(name.dropFirst("metadata.".count))] = value
        }
        return metadata
    }

    private var parameters: [(name: String, value: String)] {
        (query ?? "").split(separator: "&").compactMap { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentEncoding.decode(parts[0], plusIsSpace: true) else { return nil }
            let value = parts.count == 2 ? PercentEncoding.decode(parts[1], plusIsSpace: true) : ""
            return value.map { (name, $0) }
        }
    }
}

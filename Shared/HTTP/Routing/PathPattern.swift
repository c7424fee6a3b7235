/// A path with `{parameters}`, each of which stands for one whole, non-empty segment: `/models/{model_id}/versions`.
///
/// A segment may also end in a fixed verb after a colon (`/model_services:validate`), which is plain text here.
public struct PathPattern: Hashable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
    enum Segment: Hashable, Sendable {
        case text(String)
        case parameter(String)
    }

    public let description: String
    let segments: [Segment]

    public init(_ pattern: String) {
        description = pattern
        segments = pattern.split(separator: "/").map { segment in
            segment.hasPrefix("{") && segment.hasSuffix("}")
                ? .parameter(String(segment.dropFirst().dropLast())) : .text(String(segment))
        }
    }

    public init(stringLiteral value: String) { self.init(value) }

    /// The parameters' values if `segments` (percent-decoded) match.
    func match(_ segments: [String]) -> [String: String]? {
        guard segments.count == self.segments.count else { return nil }
        var values: [String: String] = [:]
        for (pattern, segment) in zip(self.segments, segments) {
            switch pattern {
            case .text(let text):
                guard text == segment else { return nil }
            case .parameter(let name): values[name] = segment
            }
        }
        return values
    }
}

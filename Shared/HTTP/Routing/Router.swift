import Domain

/// Finds the route for a request and says what its caller must be allowed.
///
/// Routes are tried in order; a service has a few dozen, so a scan is as fast as anything cleverer.
public struct Router: Sendable {
    /// Segments of a path at most.
    public static let maximumSegments = 16

    public enum Outcome: Sendable {
        case found(Route, PathParameters)
        /// The path exists, with these methods.
        case methodNotAllowed([HTTPMethod])
        case notFound
    }

    public let routes: [Route]

    public init(_ routes: [Route]) { self.routes = routes }

    /// HEAD finds the GET route; the server sends no body for it. A trailing slash, an empty segment, a dot segment or
    /// a broken escape matches nothing.
    public func route(_ method: HTTPMethod, _ path: some StringProtocol) -> Outcome {
        guard let segments = Self.segments(path) else { return .notFound }
        let wanted = method == .head ? .get : method
        var allowed: [HTTPMethod] = []
        for route in routes {
            guard let values = route.pattern.match(segments) else { continue }
            if route.method == wanted { return .found(route, PathParameters(values)) }
            allowed.append(route.method)
        }
        return allowed.isEmpty ? .notFound : .methodNotAllowed(allowed)
    }

    private static func segments(_ path: some StringProtocol) -> [String]? {
        guard path.utf8.first == UInt8(ascii: "/") else { return nil }
        if path.utf8.count == 1 { return [] }
        var segments: [String] = []
        for part in path.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            guard segments.count < maximumSegments, let segment = PercentEncoding.decode(part), !segment.isEmpty,
                segment != ".", segment != ".."
            else { return nil }
            segments.append(segment)
        }
        return segments
    }
}

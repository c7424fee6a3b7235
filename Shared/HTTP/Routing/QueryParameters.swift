import Domain

/// The parameters of a query string, each allowed once, all of them known to the route.
public struct QueryParameters: Sendable {
    /// Pairs in one query string at most.
    public static let maximumCount = 32

    private let values: [String: String]

    /// - Throws: `.invalid` for a broken escape, a parameter that appears twice, or one that is not in `known`.
    public init(_ request: HTTPRequest, known: Set<String>) throws(ServiceError) {
        var values: [String: String] = [:]
        var problems: [FieldProblem] = []
        for pair in (request.query ?? "").split(separator: "&").prefix(Self.maximumCount + 1) {
            let name = pair.prefix { $0 != "=" }
            guard let decodedName = PercentEncoding.decode(name, plusIsSpace: true),
                let value = PercentEncoding.decode(pair.dropFirst(name.count + 1), plusIsSpace: true)
            else {
                problems.append(FieldProblem(field: "query", message: "a percent-escape is broken"))
                continue
            }
            if !known.contains(decodedName) {
                problems.append(FieldProblem(field: decodedName, message: "unknown query parameter"))
            } else if values.updateValue(value, forKey: decodedName) != nil {
                problems.append(FieldProblem(field: decodedName, message: "given twice"))
            }
        }
        guard problems.isEmpty else { throw .invalid(problems) }
        self.values = values
    }

    public subscript(name: String) -> String? { values[name] }

    /// - Throws: `.invalid` if it is there and not an integer in `range`.
    public func integer(_ name: String, in range: ClosedRange<Int>, default fallback: Int) throws(ServiceError) -> Int {
        guard let text = values[name] else { return fallback }
        guard let value = Int(text), range.contains(value) else {
            throw .invalid(name, "must be an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }
}

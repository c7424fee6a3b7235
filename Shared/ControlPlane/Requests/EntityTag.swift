import Domain
import HTTP

/// The ETag of an aggregate is its generation: `"7"`.
public enum EntityTag {
    public static func text(_ generation: Int) -> String { "\"\(generation)\"" }
}

extension HTTPResponse {
    /// The response with the aggregate's ETag.
    public func withETag(_ generation: Int) -> HTTPResponse {
        var response = self
        response.fields.set("ETag", EntityTag.text(generation))
        return response
    }
}

extension HTTPRequest {
    /// What `If-Match` says. Without it, and with `*`, the change is unconditional: that the thing exists is checked
    /// anyway. A weak or foreign tag matches nothing.
    /// - Throws: `.invalid` if it is not a list of entity tags.
    public func precondition() throws(ServiceError) -> Precondition {
        let values = fields.values("If-Match")
        guard !values.isEmpty else { return .none }
        let tags = values.joined(separator: ",").split(separator: ",", omittingEmptySubsequences: false).map {
            $0.drop { $0 == " " }
        }.map { text in text.last == " " ? text.dropLast() : text }
        if tags == ["*"] { return .none }
        guard tags.count <= RequestLimits.maximumEntityTags else {
            throw .invalid("If-Match", "holds more than \(RequestLimits.maximumEntityTags) tags")
        }
        var generations: Set<Int> = []
        for tag in tags {
            let isWeak = tag.hasPrefix("W/")
            let quoted = isWeak ? tag.dropFirst(2) : tag
            guard quoted.count >= 2, quoted.first == "\"", quoted.last == "\"",
                !quoted.dropFirst().dropLast().contains("\"")
            else { throw .invalid("If-Match", "must be the ETag of an earlier answer, with its quotes, or *") }
            if !isWeak, let generation = Int(quoted.dropFirst().dropLast()) { generations.insert(generation) }
        }
        return .generations(generations)
    }
}

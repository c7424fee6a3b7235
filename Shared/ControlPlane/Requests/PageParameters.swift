import Cryptography
import Domain
import HTTP
import JSON

/// The query of a listing: `page_size`, `page_token` and the listing's own filters.
///
/// A token is opaque to callers and only good for the listing that gave it, with the same filters.
public struct PageParameters: Sendable {
    public let page: PageRequest
    private let query: QueryParameters
    private let scope: String

    /// - Throws: `.invalid` for an unknown parameter, a size out of range, or a token that this listing did not give.
    public init(_ request: HTTPRequest, filters: [String] = []) throws(ServiceError) {
        query = try QueryParameters(request, known: Set(filters + ["page_size", "page_token"]))
        let query = query
        let values = filters.sorted().map { "\($0)=\(query[$0].map(PercentEncoding.encode) ?? "")" }
        scope = ([String(request.path)] + values).joined(separator: "&")
        let size = try query.integer("page_size", in: 1...PageRequest.maximumSize, default: PageRequest.defaultSize)
        guard let token = query["page_token"], !token.isEmpty else {
            page = PageRequest(size: size)
            return
        }
        page = PageRequest(size: size, after: try Self.mark(in: token, of: scope))
    }

    /// The value of a filter.
    public subscript(filter: String) -> String? { query[filter] }

    /// `{"<name>": […], "next_page_token": "…"}`, the latter only if there is more.
    public func response<Element>(
        _ page: Page<Element>, as name: String, _ encode: (Element) -> JSONValue
    ) -> HTTPResponse {
        var document = JSONObject([(name, .array(page.elements.map(encode)))])
        if let next = page.next { document["next_page_token"] = .string(token(for: next)) }
        return .json(.ok, .object(document))
    }

    private func token(for mark: String) -> String {
        Base64URL.encode(Array("\(Self.digest(of: scope)) \(mark)".utf8))
    }

    private static func mark(in token: String, of scope: String) throws(ServiceError) -> String {
        guard token.utf8.count <= RequestLimits.maximumPageTokenLength, let bytes = Base64URL.decode(token),
            let text = String(validating: bytes, as: UTF8.self), let space = text.firstIndex(of: " "),
            text[..<space] == digest(of: scope)
        else { throw .invalid("page_token", "is not from this list; use a next_page_token, with the same filters") }
        return String(text[text.index(after: space)...])
    }

    private static func digest(of scope: String) -> String { String(SHA256.hash(scope).hex.prefix(16)) }
}

import JSON

/// The keys that may have signed a token.
public struct JSONWebKeySet: Sendable {
    public static let maximumKeys = 64
    public static let maximumBytes = 256 * 1024

    public let keys: [JSONWebKey]

    /// - Parameter text: a JWKS document, `{"keys": […]}`.
    /// - Throws: `TokenProblem`, as the end of a sentence that begins with "A".
    public init(parsing text: [UInt8]) throws(TokenProblem) {
        guard text.count <= Self.maximumBytes else { throw TokenProblem("key set is too large") }
        let document: JSONValue
        do throws(JSONError) {
            document = try JSONParser.parse(text)
        } catch {
            throw TokenProblem("key set is not JSON: \(error.message)")
        }
        guard let entries = document.objectValue?["keys"]?.arrayValue, entries.count <= Self.maximumKeys else {
            throw TokenProblem("key set has no list of at most \(Self.maximumKeys) keys")
        }
        var keys: [JSONWebKey] = []
        for entry in entries {
            guard let key = try JSONWebKey(entry) else { continue }
            guard key.id == nil || !keys.contains(where: { $0.id == key.id }) else {
                throw TokenProblem("key set has two keys with one kid")
            }
            keys.append(key)
        }
        self.keys = keys
    }

    init(_ keys: [JSONWebKey]) { self.keys = keys }

    /// The one key that a token can have been signed with.
    ///
    /// What the token says of its key is only ever compared with the ids that are here.
    func key(for token: JSONWebToken) throws(TokenProblem) -> JSONWebKey {
        let fitting = keys.filter { $0.algorithm.rawValue == token.algorithm }
        guard let id = token.keyID else {
            guard fitting.count == 1 else { throw TokenProblem("does not say by which key it was signed") }
            return fitting[0]
        }
        guard let key = keys.first(where: { $0.id.map { Array($0.utf8) } == Array(id.utf8) }) else {
            throw .unknownKey
        }
        guard key.algorithm.rawValue == token.algorithm else {
            throw TokenProblem("was not signed by the algorithm of its key")
        }
        return key
    }
}

/// Where the keys are that tokens are checked with.
public protocol KeySetSource: Sendable {
    /// The keys as they are now.
    /// - Throws: `KeySetFailure` if there are none that can be used.
    func load() async throws(KeySetFailure) -> JSONWebKeySet
}

/// Why the keys cannot be had, as a sentence that says what to do.
public struct KeySetFailure: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}

extension JSONWebKeySet {
    /// - Parameter place: a file's path or a URL, for the error.
    init(usable text: [UInt8], from place: String) throws(KeySetFailure) {
        do throws(TokenProblem) {
            try self.init(parsing: text)
        } catch {
            throw KeySetFailure("the key set \(place) cannot be used: a \(error.message)")
        }
        guard !keys.isEmpty else {
            let names = SigningAlgorithm.allCases.map(\.rawValue).joined(separator: ", ")
            throw KeySetFailure("the key set \(place) has no key to check signatures with by \(names)")
        }
    }
}

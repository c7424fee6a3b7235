/// What a runtime needs to find an instance again. Only the runtime that made it can read it; everyone else keeps it.
public struct RuntimeHandle: Hashable, Sendable, Codable {
    /// Bytes at most.
    public static let maximumLength = 4096

    public let text: String

    public init(_ text: String) { self.text = text }

    public init(from decoder: any Decoder) throws {
        text = try decoder.singleValueContainer().decode(String.self)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

import Domain

/// Which version of a model is wanted: a number, an alias, or `latest`. ModelManagement says what it stands for.
public struct ModelVersionSelector: Hashable, Sendable, CustomStringConvertible {
    public static let maximumLength = 63
    public static let latest = Self(unchecked: "latest")

    public let description: String

    /// Nil for anything but letters, digits, `.`, `_` and `-`, beginning with a letter or a digit.
    public init?(_ text: String) {
        guard !text.isEmpty, text.utf8.count <= Self.maximumLength,
            text.unicodeScalars.allSatisfy({ $0.isASCII && ($0.properties.isAlphabetic || isDigit($0) || isMark($0)) }),
            let first = text.unicodeScalars.first, !isMark(first)
        else { return nil }
        description = text
    }

    public init(_ version: Int) { description = String(version) }

    private init(unchecked text: String) { description = text }
}

private func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }
private func isMark(_ scalar: Unicode.Scalar) -> Bool { scalar == "." || scalar == "_" || scalar == "-" }

extension ModelVersionSelector: Codable {
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let selector = Self(text) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "not a model version"))
        }
        self = selector
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

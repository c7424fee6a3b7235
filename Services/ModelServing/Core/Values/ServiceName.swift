import Domain

/// The name of a model service: a DNS label, since it becomes part of host names and URL paths.
public struct ServiceName: Hashable, Sendable, CustomStringConvertible {
    /// Characters at most, as RFC 1035 has it for a label.
    public static let maximumLength = 63

    public let description: String

    /// Nil if `problem(in:)` finds anything.
    public init?(_ text: String) {
        guard Self.problem(in: text) == nil else { return nil }
        description = text
    }

    /// What keeps `text` from being a name, in words for whoever chose it; nil if nothing does.
    public static func problem(in text: String) -> String? {
        if text.isEmpty { return "must not be empty" }
        if text.utf8.count > maximumLength {
            return "is \(text.utf8.count) characters long; at most \(maximumLength) are allowed"
        }
        guard text.utf8.allSatisfy({ isLetterOrDigit($0) || $0 == UInt8(ascii: "-") }) else {
            return "may hold only lower-case letters a to z, digits and hyphens"
        }
        guard text.utf8.first.map(isLetterOrDigit) == true, text.utf8.last.map(isLetterOrDigit) == true else {
            return "must begin and end with a letter or a digit"
        }
        return nil
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: false
        }
    }
}

extension ServiceName: Codable {
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let name = Self(text) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "not a service name"))
        }
        self = name
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// A name that people give to a thing and that goes into keys, paths and file names as it is: 1 to 63 lower-case
/// letters, digits, dots, underscores and hyphens, with a letter or digit at both ends.
public struct EntityName: Hashable, Sendable, Comparable, CustomStringConvertible {
    public static let maximumLength = 63

    /// The rule, as the end of a sentence about a field.
    public static let rule =
        "must be 1 to \(maximumLength) lower-case letters, digits, '.', '_' or '-', "
        + "beginning and ending with a letter or digit"

    public let description: String

    /// Nil if the text is no such name.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard (1...Self.maximumLength).contains(bytes.count), let first = bytes.first, let last = bytes.last,
            Self.isLetterOrDigit(first), Self.isLetterOrDigit(last),
            bytes.allSatisfy({ Self.isLetterOrDigit($0) || Self.inner.contains($0) })
        else { return nil }
        description = text
    }

    /// - Throws: `.invalid` with the rule, naming the field.
    public init(_ text: String, field: String) throws(ServiceError) {
        guard let name = Self(text) else {
            throw .invalid(field, Self.rule)
        }
        self = name
    }

    public static func < (left: Self, right: Self) -> Bool { left.description < right.description }

    private static let inner = Array("._-".utf8)

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}

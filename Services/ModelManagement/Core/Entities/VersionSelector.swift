import Domain

/// A name for a version that can be moved to another one: `production`.
public struct ModelAlias: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// What `{version}` means by itself, and so cannot be an alias.
    public static let reserved = "latest"

    public let name: EntityName

    /// - Throws: `.invalid` for `latest`, a number, or anything that is no name.
    public init(_ text: String) throws(ServiceError) {
        name = try EntityName(text, field: "alias")
        guard text != Self.reserved else { throw .invalid("alias", "\"latest\" always means the newest version") }
        guard text.contains(where: { !$0.isNumber }) else {
            throw .invalid("alias", "must not be a number: that is a version")
        }
    }

    public var description: String { name.description }

    public static func < (left: Self, right: Self) -> Bool { left.name < right.name }
}

/// How a request names a version: by number, by alias, or `latest`.
public enum VersionSelector: Hashable, Sendable, CustomStringConvertible {
    case number(Int)
    case alias(ModelAlias)
    /// The highest version that is ready.
    case latest

    /// - Throws: `.invalid`.
    public init(_ text: String) throws(ServiceError) {
        if text == ModelAlias.reserved {
            self = .latest
        } else if !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
            guard let number = Int(text), number > 0, text.utf8.first != UInt8(ascii: "0") else {
                throw .invalid("version", "must be a version number from 1, an alias or latest")
            }
            self = .number(number)
        } else {
            do throws(ServiceError) {
                self = .alias(try ModelAlias(text))
            } catch {
                throw .invalid("version", "must be a version number from 1, an alias or latest")
            }
        }
    }

    public var description: String {
        switch self {
        case .number(let number): String(number)
        case .alias(let alias): alias.description
        case .latest: ModelAlias.reserved
        }
    }
}

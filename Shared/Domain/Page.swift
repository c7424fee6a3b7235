/// Which piece of a list is asked for. Lists are in creation order.
public struct PageRequest: Hashable, Sendable {
    public static let defaultSize = 50
    public static let maximumSize = 500

    /// Elements at most; a page may hold fewer and still not be the last.
    public let size: Int
    /// The list's own mark of the last element already seen; nil for the beginning.
    public let after: String?

    public init(size: Int = Self.defaultSize, after: String? = nil) {
        self.size = min(max(size, 1), Self.maximumSize)
        self.after = after
    }
}

/// A piece of a list.
public struct Page<Element> {
    public let elements: [Element]
    /// What `PageRequest.after` must be for the piece behind this one; nil if this is the last.
    public let next: String?

    public init(elements: [Element], next: String?) {
        self.elements = elements
        self.next = next
    }

    public func map<Other>(_ transform: (Element) -> Other) -> Page<Other> {
        Page<Other>(elements: elements.map(transform), next: next)
    }
}

extension Page: Sendable where Element: Sendable {}
extension Page: Equatable where Element: Equatable {}

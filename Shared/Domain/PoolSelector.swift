/// Which pools may give capacity.
public struct PoolSelector: Hashable, Sendable {
    /// Only pools of this group; nil for any.
    public let resourceGroup: String?
    /// Only pools in this place; nil for any.
    public let location: String?
    /// Only pools that have all of these labels.
    public let labels: [String: String]

    public init(resourceGroup: String? = nil, location: String? = nil, labels: [String: String] = [:]) {
        self.resourceGroup = resourceGroup
        self.location = location
        self.labels = labels
    }

    public func accepts(resourceGroup: String?, location: String?, labels: [String: String]) -> Bool {
        (self.resourceGroup == nil || self.resourceGroup == resourceGroup)
            && (self.location == nil || self.location == location)
            && self.labels.allSatisfy { labels[$0.key] == $0.value }
    }
}

/// What is preferred among the pools that could give what is needed.
public enum Placement: String, Hashable, Sendable, Codable, CaseIterable {
    /// The pool with the least left over, so that large free pieces stay whole.
    case bestFit = "best_fit"
    /// The pool, and before it the place, with the largest part free, so that load and failures spread.
    case spread
}

/// Labels of a pool, and of those who look for one.
public enum LabelRules {
    public static let maximumCount = 32
    public static let maximumNameBytes = 128
    public static let maximumValueBytes = 256

    public static func isName(_ text: String) -> Bool {
        (1...maximumNameBytes).contains(text.utf8.count)
            && text.unicodeScalars.allSatisfy {
                $0.isASCII && ($0.properties.isAlphabetic || "0123456789._-/".unicodeScalars.contains($0))
            }
    }
}

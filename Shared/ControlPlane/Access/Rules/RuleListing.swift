import Access
import Domain

/// Pages of rules: the file's first, in its order, then the store's, oldest first.
enum RuleListing {
    static func page(_ rules: [AccessRule], _ request: PageRequest) throws(ServiceError) -> Page<AccessRule> {
        var rest = rules[...]
        if let after = request.after {
            guard let mark = Place(after) else { throw .invalid("page_token", "is not from this list") }
            // What the mark was may be gone.
            rest = rest.drop { rule in Place(rule.id).map { $0 <= mark } ?? false }
        }
        let page = rest.prefix(request.size)
        return Page(elements: Array(page), next: page.count < rest.count ? page.last?.id : nil)
    }

    /// Of a rule in the list, by its id.
    private struct Place: Comparable {
        private static let filePrefix = "file-"

        let line: Int
        let id: String

        init?(_ id: String) {
            if id.hasPrefix(Self.filePrefix) {
                guard let line = Int(id.dropFirst(Self.filePrefix.count)) else { return nil }
                self.line = line
                self.id = ""
            } else {
                guard UUIDv7(id) != nil else { return nil }
                line = Int.max
                self.id = id
            }
        }

        static func < (left: Self, right: Self) -> Bool { (left.line, left.id) < (right.line, right.id) }
    }
}

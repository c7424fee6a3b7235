/// Who makes a request, as authentication found out.
public struct Principal: Hashable, Sendable {
    /// `admin`, `user:alice`, `app:model-serving`.
    public let subject: String
    public let groups: [String]

    public init(subject: String, groups: [String] = []) {
        self.subject = subject
        self.groups = groups
    }
}

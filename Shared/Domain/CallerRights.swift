/// What the caller of one request may do, for those who must ask more than the route did: lists, which show only what
/// may be seen, and changes of an owner.
public struct CallerRights: Sendable {
    /// What rules say of an action.
    public enum Verdict: Hashable, Sendable {
        case allowed
        /// A rule denies it, which nothing outweighs.
        case denied
        case unsaid
    }

    /// Of somebody who is not known.
    public static let none = CallerRights(of: "") { _, _ in .unsaid }

    public let subject: String
    private let decide: @Sendable (_ action: String, _ object: String) -> Verdict

    /// - Parameter decide: what rules say of `action` on `object`, whoever owns it.
    public init(of subject: String, _ decide: @escaping @Sendable (_ action: String, _ object: String) -> Verdict) {
        self.subject = subject
        self.decide = decide
    }

    public func may(_ action: String, _ object: String) -> Bool { decide(action, object) == .allowed }

    /// The same where owners may do what others may not: `model:get_own` beside `model:get`.
    public func may(_ action: String, _ object: String, ownedBy owner: String) -> Bool {
        switch decide(action, object) {
        case .allowed: true
        case .denied: false
        case .unsaid: owns(owner) && decide(action + "_own", object) == .allowed
        }
    }

    /// Refuses to make somebody the owner of what another has, unless the caller may do that.
    /// - Parameters:
    ///   - former: who owns it; the caller, of something that is just being made.
    ///   - action: `model:assign_owner`.
    /// - Throws: `.permissionDenied`.
    public func checkOwner(
        _ owner: String, insteadOf former: String, _ action: String, _ object: String
    ) throws(ServiceError) {
        guard !owner.utf8.elementsEqual(former.utf8), !may(action, object) else { return }
        throw .permissionDenied("\(subject) has no permission \(action).")
    }

    /// Names are compared byte by byte: what looks alike is not the same.
    public func owns(_ owner: String) -> Bool { !owner.isEmpty && owner.utf8.elementsEqual(subject.utf8) }
}

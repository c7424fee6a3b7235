public enum AccessLimits {
    /// Rules in the store: each process holds all of them.
    public static let maximumStoredRules = 20_000
    /// Links on the way from a subject to the farthest role it inherits.
    public static let maximumRoleLinks = 8
    /// Bytes of an object in a policy.
    public static let maximumObjectBytes = 512
    /// Bytes of an action in a policy.
    public static let maximumActionBytes = 128
    /// Bytes of what is said about a role.
    public static let maximumDescriptionBytes = 1024
    /// Different decisions that are remembered for trying changes on.
    public static let maximumRememberedDecisions = 1000
    /// Rules of each kind that one trial adds, or removes: a process does nothing else meanwhile.
    public static let maximumTriedRules = 100
}

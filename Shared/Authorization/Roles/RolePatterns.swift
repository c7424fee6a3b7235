/// By which functions the names of roles, and of domains, are patterns for others; by role definition.
public struct RolePatterns: Hashable, Sendable {
    let names: [String: BuiltInFunction]
    let domains: [String: BuiltInFunction]

    public init() {
        names = [:]
        domains = [:]
    }

    /// - Parameters:
    ///   - names: functions such as `keyMatch2`, by role definition such as `g`.
    /// - Returns: nil if one is no function for this.
    public init?(names: [String: String], domains: [String: String] = [:]) {
        func functions(_ texts: [String: String]) -> [String: BuiltInFunction]? {
            let known = texts.compactMapValues(BuiltInFunction.init).filter { $0.value.argumentCount == 2 }
            return known.count == texts.count ? known : nil
        }
        guard let names = functions(names), let domains = functions(domains) else { return nil }
        self.names = names
        self.domains = domains
    }
}

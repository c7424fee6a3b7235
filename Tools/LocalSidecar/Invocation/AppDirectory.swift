/// Which way leads to which app: name resolution.
struct AppDirectory: Sendable {
    private let channels: [String: any InvocationChannel]

    init(_ channels: [String: any InvocationChannel]) {
        self.channels = channels
    }

    /// Takes `app-id` and `app-id.namespace`; the namespace is not looked at.
    func resolve(_ name: String) -> (appID: String, channel: any InvocationChannel)? {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        let candidates = parts.count == 2 ? [name, String(parts[0])] : [name]
        for appID in candidates {
            if let channel = channels[appID] { return (appID, channel) }
        }
        return nil
    }
}

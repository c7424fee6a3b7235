/// What daprd puts before a key, separated by two bars (component metadata `keyPrefix`).
struct KeyPrefix: Hashable, Sendable {
    static let separator = "||"

    private let text: String?

    /// - Parameter strategy: `appid` (the default), `name`, `namespace`, `none`, or any other word, which is the prefix
    ///   itself.
    init(strategy: String?, appID: String, storeName: String, namespace: String?) {
        switch strategy ?? "" {
        case "", "appid": text = appID
        case "name": text = storeName
        case "namespace": text = namespace.map { "\($0).\(appID)" } ?? appID
        case "none": text = nil
        case let literal: text = literal
        }
    }

    func stored(_ key: String) -> String { text.map { $0 + Self.separator + key } ?? key }
}

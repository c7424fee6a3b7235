import HTTP

/// Which objects of one kind, in the client's namespace.
public struct KubernetesQuery: Hashable, Sendable {
    public let kind: KubernetesKind
    /// Objects must have all of these labels.
    public let labels: [String: String]
    /// `involvedObject.kind=Pod`; custom resources know only `metadata.name`.
    public let fieldSelector: String?

    public init(_ kind: KubernetesKind, labels: [String: String] = [:], fieldSelector: String? = nil) {
        self.kind = kind
        self.labels = labels
        self.fieldSelector = fieldSelector
    }

    /// As parameters of a list or a watch.
    var parameters: [(String, String)] {
        var parameters: [(String, String)] = []
        if !labels.isEmpty {
            let selector = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
            parameters.append(("labelSelector", selector))
        }
        if let fieldSelector { parameters.append(("fieldSelector", fieldSelector)) }
        return parameters
    }
}

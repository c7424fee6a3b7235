import HTTP
import JSON

/// All objects of a query at one moment.
public struct KubernetesList<Value: Sendable>: Sendable {
    public let items: [Value]
    /// Where a watch goes on from.
    public let resourceVersion: String
}

extension KubernetesClient {
    /// Objects of one page, as `kubectl` has it.
    public static let pageLimit = 500
    /// How often a list begins anew because the server has forgotten the version of its first page.
    private static let maximumRestarts = 3

    /// Lists page by page, and keeps of each object only what `project` makes of it (nothing, where it says nil).
    public func list<Value: Sendable>(
        _ query: KubernetesQuery, pageLimit: Int = KubernetesClient.pageLimit,
        _ project: (KubernetesObject) -> Value?
    ) async throws(KubernetesError) -> KubernetesList<Value> {
        var restarts = 0
        while true {
            do throws(KubernetesError) {
                return try await pages(query, pageLimit: pageLimit, project)
            } catch .expired(let message) {
                restarts += 1
                guard restarts <= Self.maximumRestarts else { throw .expired(message) }
            }
        }
    }

    private func pages<Value: Sendable>(
        _ query: KubernetesQuery, pageLimit: Int, _ project: (KubernetesObject) -> Value?
    ) async throws(KubernetesError) -> KubernetesList<Value> {
        let path = query.kind.path(namespace: namespace)
        var items: [Value] = []
        var next: String?
        while true {
            var parameters = query.parameters + [("limit", String(pageLimit))]
            if let next { parameters.append(("continue", next)) }
            let page = try await call(.get, path, parameters).document
            guard let objects = page["items"]?.arrayValue, let metadata = page["metadata"] else {
                throw .malformedAnswer("the answer to a list of \(query.kind) is no list")
            }
            items += objects.compactMap { project(KubernetesObject($0)) }
            next = metadata["continue"]?.stringValue
            if next?.isEmpty ?? true {
                return KubernetesList(items: items, resourceVersion: metadata["resourceVersion"]?.stringValue ?? "")
            }
        }
    }
}

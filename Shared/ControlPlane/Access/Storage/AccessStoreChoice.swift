import Access
import Domain
import Observability
import Persistence
import Synchronization

/// Under `access:shared` in a service's own state: that its rules were in the store that all services share.
struct SharedAccessRecord: StateRecord {
    static let key = RecordKey<Self>("access:shared")

    let store: String
}

/// The rules in the store that all services share; where the sidecar has never had one, in this service's own.
///
/// Which it is is found out when the rules are asked for first, and stays so until the process ends. Once rules were
/// shared, a sidecar without the component is an outage: some of them may have denied something.
public final class AccessStoreChoice: AccessRuleStore {
    private let name: String
    private let shared: any AccessRuleStore
    private let own: any AccessRuleStore
    private let records: RecordStore
    private let logger: Logger
    private let chosen = Mutex<(any AccessRuleStore)?>(nil)

    /// - Parameters:
    ///   - name: of the component that all services share.
    ///   - records: this service's own state.
    public init(_ name: String, shared: RecordStore, own records: RecordStore, logger: Logger) {
        self.name = name
        self.shared = DaprAccessRuleStore(shared)
        own = DaprAccessRuleStore(records)
        self.records = records
        self.logger = logger
    }

    public func version() async throws(ServiceError) -> Int64 { try await store().version() }

    public func read() async throws(ServiceError) -> StoredRules { try await store().read() }

    public func change(
        once key: IdempotencyKey?, _ decide: (StoredRules) throws(ServiceError) -> AccessRuleChange
    ) async throws(ServiceError) -> String {
        try await store().change(once: key, decide)
    }

    private func store() async throws(ServiceError) -> any AccessRuleStore {
        if let store = chosen.withLock({ $0 }) { return store }
        let store = try await isShared() ? shared : own
        chosen.withLock { $0 = store }
        return store
    }

    private func isShared() async throws(ServiceError) -> Bool {
        do throws(ServiceError) {
            _ = try await shared.version()
        } catch {
            guard case .unavailable("state_store_missing", _, _) = error else { throw error }
            guard try await records.read(SharedAccessRecord.key) == nil else {
                throw .unavailable(
                    code: "access_store_missing",
                    message: "Access rules were kept in the component \(name), which the sidecar does not have now.",
                    retryAfter: .seconds(30))
            }
            logger.warning(
                "the sidecar has no component for access rules: each service keeps its own", ["component": name])
            return false
        }
        try await noteThatTheyAreShared()
        return true
    }

    private func noteThatTheyAreShared() async throws(ServiceError) {
        let name = name
        try await records.change(lanes: [SharedAccessRecord.key.description]) {
            () async throws(ServiceError) -> Decision<Bool> in
            guard try await records.read(SharedAccessRecord.key) == nil else { return .settled(true) }
            var transaction = StateTransaction()
            try transaction.insert(SharedAccessRecord.key, SharedAccessRecord(store: name))
            return .commit(transaction, true)
        }
    }
}

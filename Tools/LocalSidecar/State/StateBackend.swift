import Domain

/// A database behind the state API. Keys carry their prefix already, values are in the form they are stored in.
protocol StateBackend: Sendable {
    /// As the metadata API lists them.
    var capabilities: [String] { get }

    /// The present ones of `keys`.
    func get(_ keys: [String]) async throws(StateFailure) -> [String: StoredValue]

    /// All or nothing, in order.
    func transact(_ writes: [StateWrite]) async throws(StateFailure)

    /// Removes what has expired.
    func removeExpired() async throws(StateFailure)
}

struct StoredValue: Hashable, Sendable {
    let value: [UInt8]
    let etag: String
    let expiry: Timestamp?
}

enum StateWrite: Hashable, Sendable {
    case upsert(key: String, value: [UInt8], condition: WriteCondition, timeToLiveSeconds: Int64?)
    /// A nil ETag deletes whatever is there.
    case delete(key: String, etag: String?)

    var key: String {
        switch self {
        case .upsert(let key, _, _, _), .delete(let key, _): key
        }
    }
}

enum WriteCondition: Hashable, Sendable {
    case always
    /// `first-write` without an ETag: the key must be absent.
    case insertOnly
    case etag(String)
}

/// Why a write or a read did not happen.
enum StateFailure: Error, Hashable {
    /// `detail` is what some stores add.
    case etagMismatch(detail: String?)
    /// PostgreSQL's word for an insert-only key that exists.
    case noItemUpdated
    case outage(String)

    /// In the words of daprd's stores. Clients tell a conflict by them.
    var message: String {
        switch self {
        case .etagMismatch(let detail):
            "possible etag mismatch. error from state store" + (detail.map { ": \($0)" } ?? "")
        case .noItemUpdated: "no item was updated"
        case .outage(let reason): reason
        }
    }
}

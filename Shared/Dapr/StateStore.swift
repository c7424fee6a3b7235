/// A Dapr state store, seen from one app: keys are the app's own, values are JSON.
///
/// Numbers pass through a double on the way in and bytes are not kept as written, so 64-bit counts travel as strings
/// and nobody hashes what was read back. Keys hold no `||`.
public protocol StateStore: Sendable {
    /// Nil if the key is absent or expired.
    func get(_ key: String) async throws(DaprError) -> StateEntry?

    /// The present ones of `keys`, in one call. No order, no duplicates in `keys`.
    func get(_ keys: [String]) async throws(DaprError) -> [String: StateEntry]

    /// All or nothing, in order. At most `StateLimits.maximumOperations`.
    /// - Throws: `.conflict` if any condition does not hold.
    func transact(_ operations: [StateOperation]) async throws(DaprError)
}

/// A value with the token that a conditional write of it must carry.
public struct StateEntry: Hashable, Sendable {
    /// JSON text.
    public let value: [UInt8]
    /// Opaque, without quotes.
    public let etag: String

    public init(value: [UInt8], etag: String) {
        self.value = value
        self.etag = etag
    }
}

/// One write of a transaction.
public enum StateOperation: Hashable, Sendable {
    /// `value` is JSON text. `timeToLive` in whole seconds; nil means for ever.
    case upsert(key: String, value: [UInt8], condition: StateCondition, timeToLive: Duration? = nil)
    /// Deleting an absent key without an ETag succeeds.
    case delete(key: String, etag: String?)

    public var key: String {
        switch self {
        case .upsert(let key, _, _, _), .delete(let key, _): key
        }
    }
}

/// What must hold for a write to happen.
public enum StateCondition: Hashable, Sendable {
    case always
    /// The key must be absent.
    case insertOnly
    /// The stored entry must still have this ETag.
    case etag(String)
}

public enum StateLimits {
    /// Operations in one transaction.
    public static let maximumOperations = 500
    /// Keys in one bulk get.
    public static let maximumKeys = 1000
}

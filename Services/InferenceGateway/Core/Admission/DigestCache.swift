import Synchronization

/// Remembers the digests of tokens that were admitted: SHA-256 would be the dearest part of a request's admission.
///
/// Only digests are kept, never verdicts: each request is judged by the table in force. Tokens that opened nothing are
/// not remembered, so that guessing cannot push out the good ones.
final class DigestCache: Sendable {
    /// Tokens remembered; when full it starts anew.
    static let maximumEntries = 4096

    private struct TokenText: Hashable {
        let bytes: ArraySlice<UInt8>

        /// In words of eight bytes: the standard hash of a byte array goes byte by byte.
        func hash(into hasher: inout Hasher) {
            var word: UInt64 = 0
            var filled = 0
            for byte in bytes {
                word = word << 8 | UInt64(byte)
                filled += 1
                if filled % 8 == 0 { hasher.combine(word) }
            }
            hasher.combine(word)
            hasher.combine(filled)
        }
    }

    private let digests = Mutex<[TokenText: TokenDigest]>([:])

    subscript(token: ArraySlice<UInt8>) -> TokenDigest? {
        digests.withLock { $0[TokenText(bytes: token)] }
    }

    func remember(_ token: ArraySlice<UInt8>, _ digest: TokenDigest) {
        // A copy: the slice would keep the request's whole head alive.
        let text = TokenText(bytes: ArraySlice(Array(token)))
        digests.withLock { digests in
            if digests.count >= Self.maximumEntries { digests.removeAll(keepingCapacity: true) }
            digests[text] = digest
        }
    }

    var count: Int { digests.withLock { $0.count } }
}

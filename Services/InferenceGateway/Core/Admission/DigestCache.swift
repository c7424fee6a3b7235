import Synchronization

/// Remembers the digests of tokens that were admitted: SHA-256 would be the dearest part of a request's admission.
///
/// Only digests are kept, never verdicts: each request is judged by the table in force. Tokens that opened nothing are
/// not remembered, so that guessing cannot push out the good ones.
final class DigestCache: Sendable {
    /// Tokens remembered at most. Two that fall on one slot push each other out.
    static let slots = 1024

    private struct Entry {
        let token: [UInt8]
        let digest: TokenDigest

        func holds(_ other: ArraySlice<UInt8>) -> Bool {
            let (bytes, others) = (token.span, other.span)
            guard bytes.count == others.count else { return false }
            for index in 0..<bytes.count where bytes[index] != others[index] { return false }
            return true
        }
    }

    private let entries = Mutex([Entry?](repeating: nil, count: slots))

    subscript(token: ArraySlice<UInt8>) -> TokenDigest? {
        let slot = Self.slot(of: token)
        return entries.withLock { entries in
            guard let entry = entries[slot], entry.holds(token) else { return nil }
            return entry.digest
        }
    }

    func remember(_ token: ArraySlice<UInt8>, _ digest: TokenDigest) {
        // A copy: the slice would keep the request's whole head alive.
        let entry = Entry(token: Array(token), digest: digest)
        entries.withLock { $0[Self.slot(of: token)] = entry }
    }

    /// FNV-1a, eight bytes at a time. Only good tokens are stored, so nobody gains by finding two that collide.
    private static func slot(of token: ArraySlice<UInt8>) -> Int {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        var word: UInt64 = 0
        var shift: UInt64 = 0
        let bytes = token.span
        for index in 0..<bytes.count {
            word |= UInt64(bytes[index]) << shift
            shift += 8
            if shift == 64 {
                hash = (hash ^ word) &* 0x100_0000_01B3
                word = 0
                shift = 0
            }
        }
        hash = (hash ^ word ^ UInt64(token.count) << 56) &* 0x9E37_79B9_7F4A_7C15
        return Int(hash >> 54)
    }
}

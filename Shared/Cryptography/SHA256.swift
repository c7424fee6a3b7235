import CCrypto

/// SHA-256, fed piece by piece, so that a file of any size is hashed in constant memory.
@safe
public struct SHA256: ~Copyable {
    private let context: OpaquePointer

    public init() {
        guard let context = unsafe EVP_MD_CTX_new(), let algorithm = unsafe sha256Algorithm(),
            unsafe EVP_DigestInit_ex(context, algorithm, nil) == 1
        else { fatalError("libcrypto cannot start a SHA-256: out of memory, or a build without it") }
        unsafe self.context = context
    }

    deinit {
        unsafe EVP_MD_CTX_free(context)
    }

    public mutating func update(_ bytes: some Collection<UInt8>) {
        let done: Void? = bytes.withContiguousStorageIfAvailable { unsafe add($0.baseAddress, $0.count) }
        guard done == nil else { return }
        let copy = Array(bytes)
        unsafe add(copy, copy.count)
    }

    public consuming func finish() -> SHA256Digest {
        var bytes = Array(repeatElement(UInt8(0), count: SHA256Digest.byteCount))
        guard unsafe EVP_DigestFinal_ex(context, &bytes, nil) == 1 else {
            fatalError("libcrypto cannot finish a SHA-256")
        }
        return SHA256Digest(exactly: bytes)
    }

    private func add(_ bytes: UnsafePointer<UInt8>?, _ count: Int) {
        guard unsafe EVP_DigestUpdate(context, bytes, count) == 1 else {
            fatalError("libcrypto refused SHA-256 input")
        }
    }
}

extension SHA256 {
    /// The digest of bytes that are in memory already.
    public static func hash(_ bytes: some Collection<UInt8>) -> SHA256Digest {
        var hasher = SHA256()
        hasher.update(bytes)
        return hasher.finish()
    }

    /// The same for those who need it often: eight bytes in each word, the first in the highest place. Allocates
    /// nothing, since making a context and an array takes longer than to hash a token.
    public static func words(_ bytes: Span<UInt8>) -> (UInt64, UInt64, UInt64, UInt64) {
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        let isDone = unsafe bytes.withUnsafeBufferPointer { bytes in
            unsafe withUnsafeMutableBytes(of: &words) { words in
                unsafe sha256AtOnce(bytes.baseAddress, bytes.count, words.baseAddress) == 1
            }
        }
        guard isDone else { fatalError("libcrypto cannot make a SHA-256: a build without it") }
        return (words.0.bigEndian, words.1.bigEndian, words.2.bigEndian, words.3.bigEndian)
    }

    /// The digest of the text's UTF-8.
    public static func hash(_ text: String) -> SHA256Digest { hash(Array(text.utf8)) }
}

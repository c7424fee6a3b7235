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

    /// The same for those who need it often: not generic, so that it costs little more than the hash itself.
    public static func hash(_ bytes: Span<UInt8>) -> SHA256Digest {
        let hasher = SHA256()
        unsafe bytes.withUnsafeBufferPointer { unsafe hasher.add($0.baseAddress, $0.count) }
        return hasher.finish()
    }

    /// The digest of the text's UTF-8.
    public static func hash(_ text: String) -> SHA256Digest { hash(Array(text.utf8)) }
}

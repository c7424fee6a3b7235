import CCrypto

/// A public key that checks signatures over SHA-256: RSA (PKCS #1 v1.5), or ECDSA on P-256.
///
/// It keeps numbers and makes libcrypto's key of them for each check, which takes less time than the check itself.
public struct SignatureKey: Hashable, Sendable {
    /// Bits of an RSA modulus. Shorter ones can be broken, longer ones only cost.
    public static let rsaModulusBits = 2048...8192
    private static let coordinateBytes = 32

    private enum Kind: Hashable, Sendable {
        case rsa(modulus: [UInt8], exponent: [UInt8])
        case p256(point: [UInt8])
    }

    private let kind: Kind

    /// An RSA key by its modulus and exponent, big-endian. Nil if it is no key, or not of an acceptable size.
    public init?(rsaModulus modulus: [UInt8], exponent: [UInt8]) {
        let modulus = Array(modulus.drop { $0 == 0 })
        let exponent = Array(exponent.drop { $0 == 0 })
        let bits = modulus.count * 8 - (modulus.first?.leadingZeroBitCount ?? 0)
        // An even exponent is none; with 1 every text would be its own signature.
        guard Self.rsaModulusBits.contains(bits), (1...8).contains(exponent.count), exponent.last.map({ $0 & 1 }) == 1,
            exponent != [1]
        else { return nil }
        self.init(.rsa(modulus: modulus, exponent: exponent))
    }

    /// A key on P-256 by its two coordinates of 32 bytes each. Nil if they are no point of the curve.
    public init?(p256X x: [UInt8], y: [UInt8]) {
        guard x.count == Self.coordinateBytes, y.count == Self.coordinateBytes else { return nil }
        // 4: both coordinates follow.
        self.init(.p256(point: [4] + x + y))
    }

    private init?(_ kind: Kind) {
        self.kind = kind
        guard unsafe withKey({ _ in true }) != nil else { return nil }
    }

    /// Whether `signature` is this key's of `message`. An ECDSA signature is two numbers of 32 bytes each, as in JSON
    /// Web Signatures.
    public func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        var signature = signature
        if case .p256 = kind {
            guard signature.count == 2 * Self.coordinateBytes else { return false }
            signature = DER.sequence([
                signature.prefix(Self.coordinateBytes), signature.suffix(Self.coordinateBytes),
            ])
        }
        return unsafe withKey { key in
            guard let context = unsafe EVP_MD_CTX_new() else { return false }
            defer { unsafe EVP_MD_CTX_free(context) }
            return unsafe EVP_DigestVerifyInit(context, nil, EVP_sha256(), nil, key) == 1
                && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
        } ?? false
    }

    /// Nil if the numbers are no key.
    private func withKey(_ use: (OpaquePointer) -> Bool) -> Bool? {
        guard let builder = unsafe OSSL_PARAM_BLD_new() else { return nil }
        defer { unsafe OSSL_PARAM_BLD_free(builder) }
        switch kind {
        case .rsa(let modulus, let exponent):
            // The builder refers to both until it is done.
            guard let modulus = unsafe BN_bin2bn(modulus, Int32(modulus.count), nil) else { return nil }
            defer { unsafe BN_free(modulus) }
            guard let exponent = unsafe BN_bin2bn(exponent, Int32(exponent.count), nil) else { return nil }
            defer { unsafe BN_free(exponent) }
            guard unsafe pushRSA(builder, modulus, exponent) == 1 else { return nil }
            return unsafe Self.withKey("RSA", builder, use)
        case .p256(let point):
            return unsafe point.withUnsafeBufferPointer { point in
                guard let start = point.baseAddress, unsafe pushP256(builder, start, point.count) == 1 else {
                    return nil
                }
                return unsafe Self.withKey("EC", builder, use)
            }
        }
    }

    private static func withKey(
        _ type: String, _ builder: OpaquePointer, _ use: (OpaquePointer) -> Bool
    ) -> Bool? {
        guard let parameters = unsafe OSSL_PARAM_BLD_to_param(builder) else { return nil }
        defer { unsafe OSSL_PARAM_free(parameters) }
        guard let context = unsafe EVP_PKEY_CTX_new_from_name(nil, type, nil) else { return nil }
        defer { unsafe EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard unsafe EVP_PKEY_fromdata_init(context) == 1,
            unsafe EVP_PKEY_fromdata(context, &key, publicKeySelection, parameters) == 1, let key = unsafe key
        else { return nil }
        defer { unsafe EVP_PKEY_free(key) }
        return unsafe use(key)
    }
}

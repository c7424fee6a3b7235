/// The distinguished encoding of a sequence of numbers, as libcrypto takes ECDSA signatures.
enum DER {
    /// - Parameter numbers: big-endian and positive, together less than 120 bytes.
    static func sequence(_ numbers: [ArraySlice<UInt8>]) -> [UInt8] {
        let content = numbers.flatMap(integer)
        return [0x30, UInt8(content.count)] + content
    }

    private static func integer(_ number: ArraySlice<UInt8>) -> [UInt8] {
        var bytes = Array(number.drop { $0 == 0 })
        // A leading one would make it negative.
        if bytes.first.map({ $0 & 0x80 != 0 }) ?? true { bytes.insert(0, at: 0) }
        return [0x02, UInt8(bytes.count)] + bytes
    }
}

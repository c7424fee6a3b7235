/// An address of the Internet Protocol, strictly read: an address that two readers might read differently is none.
struct IPAddress: Hashable, Sendable {
    /// 4 or 16.
    let bytes: [UInt8]

    /// Nil for what is no address.
    init?(_ text: String) {
        guard let bytes = text.utf8.contains(UInt8(ascii: ":")) ? Self.version6(text) : Self.version4(text) else {
            return nil
        }
        self.bytes = bytes
    }

    private static func version4(_ text: some StringProtocol) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let bytes = parts.compactMap { part -> UInt8? in
            guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                part.utf8.count == 1 || part.utf8.first != UInt8(ascii: "0")
            else { return nil }
            return UInt8(part)
        }
        return parts.count == 4 && bytes.count == 4 ? bytes : nil
    }

    private static func version6(_ text: String) -> [UInt8]? {
        var text = text[...]
        var tail: [UInt8] = []
        if let colon = text.lastIndex(of: ":"), text[colon...].contains(".") {
            guard let last = version4(text[text.index(after: colon)...]) else { return nil }
            tail = last
            text = text[...colon]
            // The colon belongs to the last group, unless it is one of two.
            if !text.hasSuffix("::") { text = text.dropLast() }
        }
        let wanted = (16 - tail.count) / 2
        let halves = text.split(separator: "::", maxSplits: 2, omittingEmptySubsequences: false)
        guard (1...2).contains(halves.count), let head = groups(halves[0]) else { return nil }
        if halves.count == 1 { return head.count == wanted ? bytes(head) + tail : nil }
        guard let rest = groups(halves[1]), head.count + rest.count < wanted else { return nil }
        return bytes(head + [UInt16](repeating: 0, count: wanted - head.count - rest.count) + rest) + tail
    }

    private static func groups(_ text: Substring) -> [UInt16]? {
        if text.isEmpty { return [] }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let groups = parts.compactMap { part -> UInt16? in
            guard (1...4).contains(part.utf8.count), !part.hasPrefix("+"), !part.hasPrefix("-") else { return nil }
            return UInt16(part, radix: 16)
        }
        return groups.count == parts.count ? groups : nil
    }

    private static func bytes(_ groups: [UInt16]) -> [UInt8] { groups.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] } }
}

/// Addresses that begin alike: `192.168.0.0/16`, `10.0.0.1`, `2001:db8::/32`.
struct IPNetwork: Hashable, Sendable {
    private let address: IPAddress
    private let prefix: Int

    /// Nil for what is no network. Bits behind the prefix do not matter.
    init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(String(parts[0])) else { return nil }
        self.address = address
        let bits = address.bytes.count * 8
        guard parts.count == 2 else {
            prefix = bits
            return
        }
        guard let length = Self.prefixLength(String(parts[1]), bits: bits) else { return nil }
        prefix = length
    }

    func contains(_ other: IPAddress) -> Bool {
        guard other.bytes.count == address.bytes.count else { return false }
        for (index, byte) in address.bytes.enumerated() {
            let bits = min(8, max(0, prefix - 8 * index))
            if (byte ^ other.bytes[index]) >> UInt8(8 - bits) != 0, bits > 0 { return false }
        }
        return true
    }

    /// A number, or a mask such as `255.255.0.0`, or its complement.
    private static func prefixLength(_ text: String, bits: Int) -> Int? {
        if !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            return Int(text).flatMap { (0...bits).contains($0) ? $0 : nil }
        }
        guard bits == 32, let mask = IPAddress(text), mask.bytes.count == 4 else { return nil }
        let word = mask.bytes.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        for wanted in [word, ~word] {
            let length = wanted.nonzeroBitCount
            let expected = length == 0 ? UInt32(0) : UInt32.max << UInt32(32 - length)
            if wanted == expected { return length }
        }
        return nil
    }
}

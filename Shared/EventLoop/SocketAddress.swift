import CLinux
import Glibc

/// An IPv4 or IPv6 address with a port.
public struct SocketAddress: Hashable, Sendable, CustomStringConvertible {
    public enum Address: Hashable, Sendable {
        /// In host byte order.
        case v4(UInt32)
        case v6(high: UInt64, low: UInt64, scope: UInt32)
    }

    public let address: Address
    public let port: UInt16

    public init(_ address: Address, port: UInt16) {
        self.address = address
        self.port = port
    }

    public static func loopback(port: UInt16) -> Self { Self(.v4(0x7F00_0001), port: port) }
    public static func loopbackV6(port: UInt16) -> Self { Self(.v6(high: 0, low: 1, scope: 0), port: port) }

    /// Takes a numeric address: `127.0.0.1`, `::1`. A name makes it nil.
    public init?(numeric host: String, port: UInt16) {
        var v4 = in_addr()
        if unsafe inet_pton(AF_INET, host, &v4) == 1 {
            self.init(.v4(UInt32(bigEndian: v4.s_addr)), port: port)
            return
        }
        var v6 = sockaddr_in6()
        guard unsafe inet_pton(AF_INET6, host, &v6.sin6_addr) == 1 else { return nil }
        self.init(Self.address(v6), port: port)
    }

    /// The address without the port, IPv6 without brackets.
    public var host: String {
        switch address {
        case .v4(let bits): return "\(bits >> 24).\(bits >> 16 & 255).\(bits >> 8 & 255).\(bits & 255)"
        case .v6:
            var raw = Self.rawV6(self)
            var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
            let result = unsafe inet_ntop(AF_INET6, &raw.sin6_addr, &text, socklen_t(text.count))
            return unsafe result.map { unsafe String(cString: $0) } ?? "::"
        }
    }

    public var isV6: Bool {
        if case .v6 = address { true } else { false }
    }

    public var description: String { isV6 ? "[\(host)]:\(port)" : "\(host):\(port)" }

    // MARK: The kernel's form

    /// Runs `body` with this address as the kernel wants it.
    func withRaw<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        switch address {
        case .v4(let bits):
            var raw = sockaddr_in()
            raw.sin_family = sa_family_t(AF_INET)
            raw.sin_port = port.bigEndian
            raw.sin_addr.s_addr = bits.bigEndian
            return unsafe Self.rebound(&raw, body)
        case .v6:
            var raw = Self.rawV6(self)
            return unsafe Self.rebound(&raw, body)
        }
    }

    /// Takes what a call wrote through the pointer; nil for another family.
    init?(fromRaw fill: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Bool) {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let filled = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe fill($0, &length) }
        }
        guard filled else { return nil }
        let parsed: Self? = unsafe withUnsafePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe Self(raw: $0) }
        }
        guard let parsed else { return nil }
        self = parsed
    }

    /// - Parameter raw: As long as its family says.
    init?(raw: UnsafePointer<sockaddr>) {
        switch Int32(unsafe raw.pointee.sa_family) {
        case AF_INET:
            let v4 = unsafe raw.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { unsafe $0.pointee }
            self.init(.v4(UInt32(bigEndian: v4.sin_addr.s_addr)), port: UInt16(bigEndian: v4.sin_port))
        case AF_INET6:
            let v6 = unsafe raw.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { unsafe $0.pointee }
            self.init(Self.address(v6), port: UInt16(bigEndian: v6.sin6_port))
        default:
            return nil
        }
    }

    private static func rebound<Raw, Result>(
        _ raw: inout Raw, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        unsafe withUnsafePointer(to: &raw) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(MemoryLayout<Raw>.size))
            }
        }
    }

    private static func address(_ raw: sockaddr_in6) -> Address {
        var bytes = raw.sin6_addr
        let words = unsafe withUnsafeBytes(of: &bytes) {
            unsafe (
                $0.loadUnaligned(fromByteOffset: 0, as: UInt64.self),
                $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
            )
        }
        return .v6(high: UInt64(bigEndian: words.0), low: UInt64(bigEndian: words.1), scope: raw.sin6_scope_id)
    }

    private static func rawV6(_ address: Self) -> sockaddr_in6 {
        var raw = sockaddr_in6()
        raw.sin6_family = sa_family_t(AF_INET6)
        raw.sin6_port = address.port.bigEndian
        guard case .v6(let high, let low, let scope) = address.address else { return raw }
        raw.sin6_scope_id = scope
        unsafe withUnsafeMutableBytes(of: &raw.sin6_addr) { bytes in
            unsafe bytes.storeBytes(of: high.bigEndian, toByteOffset: 0, as: UInt64.self)
            unsafe bytes.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        return raw
    }
}

import CLinux
import Glibc
import Synchronization

/// A host name that has no address, or not now.
public struct NameResolutionError: Error, Hashable, Sendable {
    public let reason: String

    public init(reason: String) { self.reason = reason }
}

/// Finds the addresses of hosts without blocking a loop: the system's resolver, which blocks, runs on threads of its
/// own. Addresses and `localhost` need no look-up.
public final class NameResolver: Sendable {
    /// Look-ups that wait for one another on one thread, so that a slow name server delays half of them at most.
    private static let threadCount = 2
    static let pendingLimit = 256
    static let cacheLimit = 256
    /// Short, because whoever moves a service by DNS expects to be followed.
    static let cacheLifetime = Duration.seconds(5)

    private struct State {
        var threads: [EventLoop] = []
        var turn = 0
        var pending = 0
        var cache: [String: (addresses: [SocketAddress], expires: LoopInstant)] = [:]
        var isShutDown = false
    }

    private let state = Mutex(State())

    init() {}

    /// The addresses to try, in order. At most `threadCount` look-ups run at once; the caller's deadline is the limit
    /// of waiting.
    public func resolve(_ host: String, port: UInt16) async throws(NameResolutionError) -> [SocketAddress] {
        if let known = immediate(host, port: port) { return known }
        let thread = try beginLookUp()
        defer { state.withLock { $0.pending -= 1 } }
        let addresses = try await thread.run { _ throws(NameResolutionError) in try Self.lookUp(host) }
        state.withLock { state in
            if state.cache.count >= Self.cacheLimit { state.cache.removeAll() }
            state.cache[host] = (addresses, EventLoop.clock() + LoopDuration(Self.cacheLifetime))
        }
        return addresses.map { SocketAddress($0.address, port: port) }
    }

    /// The addresses that are known without a look-up.
    public func immediate(_ host: String, port: UInt16) -> [SocketAddress]? {
        if let address = SocketAddress(numeric: host, port: port) { return [address] }
        if host == "localhost" { return [.loopback(port: port), .loopbackV6(port: port)] }
        let cached = state.withLock { state in
            state.cache[host].flatMap { $0.expires > EventLoop.clock() ? $0.addresses : nil }
        }
        return cached?.map { SocketAddress($0.address, port: port) }
    }

    func shutdown() {
        let threads = state.withLock { state in
            state.isShutDown = true
            defer { state.threads = [] }
            return state.threads
        }
        for thread in threads { Task { await thread.stop() } }
    }

    private func beginLookUp() throws(NameResolutionError) -> EventLoop {
        try state.withLock { state throws(NameResolutionError) in
            guard !state.isShutDown else { throw NameResolutionError(reason: "the process is stopping") }
            guard state.pending < Self.pendingLimit else {
                throw NameResolutionError(reason: "too many names are being looked up")
            }
            while state.threads.count < Self.threadCount {
                let thread = EventLoop()
                do throws(SystemError) {
                    try LoopThread.start(thread, name: "resolver-\(state.threads.count)") {}
                } catch {
                    throw NameResolutionError(reason: error.description)
                }
                state.threads.append(thread)
            }
            state.pending += 1
            state.turn += 1
            return state.threads[state.turn % state.threads.count]
        }
    }

    private static func lookUp(_ host: String) throws(NameResolutionError) -> [SocketAddress] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        unsafe hints.ai_flags = AI_ADDRCONFIG
        var list: UnsafeMutablePointer<addrinfo>?
        let result = unsafe getaddrinfo(host, nil, &hints, &list)
        guard result == 0 else {
            throw NameResolutionError(reason: unsafe String(cString: gai_strerror(result)))
        }
        defer { unsafe freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var entry = unsafe list
        while let current = unsafe entry {
            if let raw = unsafe current.pointee.ai_addr, let address = unsafe SocketAddress(raw: raw),
                !addresses.contains(address)
            {
                addresses.append(address)
            }
            unsafe entry = current.pointee.ai_next
        }
        guard !addresses.isEmpty else { throw NameResolutionError(reason: "no address") }
        return addresses
    }
}

import EventLoop
import HTTP

/// The pools of one client on one loop.
final class OriginPools {
    /// Origins are made by routes and configuration, not by clients, so this is only a guard; beyond it the pools
    /// that hold no connection are forgotten.
    private static let poolLimit = 1024

    private let limits: HTTPClientLimits
    private let resolver: NameResolver
    private var pools: [HTTPOrigin: ConnectionPool] = [:]
    private var latest: ConnectionPool?

    init(limits: HTTPClientLimits, resolver: NameResolver) {
        self.limits = limits
        self.resolver = resolver
    }

    func pool(for origin: HTTPOrigin) -> ConnectionPool {
        if let latest, latest.origin == origin { return latest }
        if let pool = pools[origin] {
            latest = pool
            return pool
        }
        if pools.count >= Self.poolLimit { pools = pools.filter { !$0.value.isUnused } }
        let pool = ConnectionPool(origin, limits: limits, resolver: resolver)
        pools[origin] = pool
        latest = pool
        return pool
    }

    func closeIdle(on loop: isolated EventLoop) {
        for pool in pools.values { pool.closeIdle(on: loop) }
    }
}

import ModelServingCore
import Subprocess
import Synchronization

/// The ports given to engines. An engine may load its weights for minutes before it listens, so that a port is taken
/// from the moment that it is given, not from the moment that somebody listens on it.
final class EnginePorts: Sendable {
    /// Below the range from which the kernel takes ports for outgoing connections.
    static let range: ClosedRange<UInt16> = 20_000...31_999

    private let given = Mutex<Set<UInt16>>([])
    private let random: @Sendable () -> UInt64

    init(random: @escaping @Sendable () -> UInt64) { self.random = random }

    /// - Parameter fixed: the port that the model definition file asks for.
    func take(_ fixed: UInt16?) throws(Failure) -> UInt16 {
        if let fixed {
            guard !LocalPort.isInUse(fixed), reserve(fixed) else {
                throw Failure(
                    .portInUse, "port \(fixed), which the model definition file asks for, is already in use")
            }
            return fixed
        }
        let others = EngineMarker.portsInUse
        let count = UInt64(Self.range.count)
        let start = random() % count
        for step in 0..<count {
            let port = Self.range.lowerBound + UInt16((start + step) % count)
            if !others.contains(port), !LocalPort.isInUse(port), reserve(port) { return port }
        }
        throw Failure(.portInUse, "none of the ports \(Self.range.lowerBound) to \(Self.range.upperBound) is free")
    }

    /// An engine that was found running has this port.
    func keep(_ port: UInt16) { given.withLock { _ = $0.insert(port) } }

    func giveBack(_ port: UInt16) { given.withLock { _ = $0.remove(port) } }

    private func reserve(_ port: UInt16) -> Bool { given.withLock { $0.insert(port).inserted } }
}

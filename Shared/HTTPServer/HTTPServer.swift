import EventLoop
import HTTP

/// Why a server cannot listen, in words for the person who started it.
public struct HTTPServerError: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}

/// An HTTP/1.1 server on the loops of a group.
///
/// A request is answered by a task on the loop that received it; the task is cancelled when the client goes away.
public final class HTTPServer: Sendable {
    /// From a client's request for a connection until it is there.
    public static let handshakeTime: Duration = .milliseconds(100)

    private let responder: any HTTPResponder
    private let limits: HTTPServerLimits
    private let group: EventLoopGroup
    private let tasksPreferLoop: Bool
    private let timeOfDay: (@Sendable () -> Int64)?
    private let parts = LoopLocal<ServerLoop>()

    /// - Parameters:
    ///   - tasksPreferLoop: Whether the tasks that answer also run on their loop what does not live there, such as
    ///     actors and child tasks, and come back to it from every wait without passing through the pool. That makes
    ///     each of their asynchronous calls dearer by a look under a lock: a twentieth of the CPU of a proxied request.
    ///     Without it a responder should wait for nothing but what lives on loops.
    ///   - timeOfDay: Seconds since 1970, for the Date of responses that have none; without it they get none.
    public init(
        responder: any HTTPResponder, limits: HTTPServerLimits = .init(), group: EventLoopGroup,
        tasksPreferLoop: Bool = true, timeOfDay: (@Sendable () -> Int64)? = EventLoop.secondsSinceEpoch
    ) {
        self.tasksPreferLoop = tasksPreferLoop
        self.timeOfDay = timeOfDay
        self.responder = responder
        self.limits = limits
        self.group = group
    }

    /// Listens on an address or a name such as `localhost` (the first of its addresses); `0.0.0.0` and `::` take
    /// connections from everywhere. Port 0 takes any free port.
    ///
    /// Can be called again, for another address.
    /// - Returns: the address that is listened on, with the real port.
    /// - Throws: an error that names address and port.
    @discardableResult
    public func start(host: String, port: UInt16) async throws(HTTPServerError) -> SocketAddress {
        var wanted = try await address(host, port)
        let sharesPort = group.loops.count > 1
        do throws(SystemError) {
            // The kernel would let the loops share a port with another process of the same user, without a word:
            // whether it is free shows only when it is asked for exclusively.
            if sharesPort { wanted = try ListeningSocket.free(wanted) }
            for loop in group.loops {
                wanted = try await loop.run { [wanted] loop throws(SystemError) in
                    try part(of: loop).listen(wanted, sharesPort: sharesPort, on: loop)
                }
            }
        } catch {
            throw HTTPServerError(
                error == .addressInUse
                    ? "port \(port) on \(host) is already in use" : "cannot listen on port \(port) of \(host): \(error)"
            )
        }
        return wanted
    }

    /// Ends well: nobody connects any more, requests in flight are finished, and every answer is the last one of its
    /// connection. What is left at the deadline is cut off and its tasks cancelled. Returns when nothing is left.
    /// Idempotent.
    ///
    /// - Parameter idleGrace: how long idle connections are still served. A proxy that keeps some cannot know that they
    ///   are to be closed; one that uses them meanwhile learns it from its answers, and none of its requests is lost.
    ///   With it handshakes under way get `handshakeTime` as well.
    public func drain(deadline: Duration, idleGrace: Duration = .zero) async {
        // Each on every loop before the next: a client that is sent away by one loop meets no other that takes it.
        await onEachLoop { part, _ in part.takeNoNewcomers() }
        if idleGrace > .zero { try? await Task.sleep(for: Self.handshakeTime) }
        await onEachLoop { part, loop in part.stopAccepting(on: loop) }
        await onEachLoop { part, _ in part.beginDraining() }
        await withTaskGroup { tasks in
            for loop in group.loops {
                tasks.addTask { [parts] in
                    await loop.run { loop in
                        await parts.existing(on: loop)?.drain(deadline: deadline, idleGrace: idleGrace, on: loop)
                    }
                }
            }
        }
    }

    private func onEachLoop(_ work: @Sendable (ServerLoop, isolated EventLoop) -> Void) async {
        for loop in group.loops {
            await loop.run { loop in
                if let part = parts.existing(on: loop) { work(part, loop) }
            }
        }
    }

    private func part(of loop: isolated EventLoop) -> ServerLoop {
        parts.object(on: loop) {
            ServerLoop(
                ConnectionContext(
                    responder: responder as? any LoopResponder ?? TaskResponder(responder), limits: limits,
                    tasksPreferLoop: tasksPreferLoop, timeOfDay: timeOfDay),
                loopCount: group.loops.count)
        }
    }

    private func address(_ host: String, _ port: UInt16) async throws(HTTPServerError) -> SocketAddress {
        do throws(NameResolutionError) {
            guard let address = try await group.resolver.resolve(host, port: port).first else {
                throw NameResolutionError(reason: "no address")
            }
            return address
        } catch {
            throw HTTPServerError("cannot listen on \(host): \(error.reason)")
        }
    }
}

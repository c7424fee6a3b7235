import Observability

extension ResourceCache {
    /// A watch that ended sooner than this without any event counts as a failure: else two could go in a circle.
    private static var shortestWatch: Duration { .seconds(1) }

    /// Lists and watches until the task is cancelled, and comes back from whatever goes wrong.
    public func run(logger: Logger) async {
        var backoff = Backoff(shortest: timing.shortestWait, longest: timing.longestWait, random: timing.random)
        var version: String?
        while !Task.isCancelled {
            do throws(KubernetesError) {
                if version == nil { version = try await relist() }
                if try await follow(&version) { backoff.succeeded() } else { await pause(&backoff) }
            } catch .cancelled {
                return
            } catch .expired {
                // It says nothing about the server, which does answer.
                version = nil
                await pause(&backoff)
            } catch {
                if cutOff(error) {
                    logger.warning(
                        "the watch of cluster objects broke off", ["kind": "\(query.kind)", "reason": error.message])
                }
                await pause(&backoff)
            }
        }
    }

    private func relist() async throws(KubernetesError) -> String {
        let list = try await client.list(query) { entry($0) }
        replace(list.items)
        connected()
        return list.resourceVersion
    }

    /// One watch from its beginning to its end.
    /// - Returns: whether it was of any use.
    private func follow(_ version: inout String?) async throws(KubernetesError) -> Bool {
        let clock = ContinuousClock()
        let began = clock.now
        var watch = try await client.watch(query, from: version ?? "")
        connected()
        var hasNews = false
        do throws(KubernetesError) {
            while let event = try await watch.next() {
                hasNews = true
                switch event {
                case .changed(let object), .deleted(let object): version = object.resourceVersion
                case .bookmark(let resourceVersion): version = resourceVersion
                }
                take(event)
            }
        } catch .unreachable where clock.now - began > Self.shortestWatch {
            // Connections end. That the server is away shows when the next one cannot be made.
            return true
        }
        return hasNews || clock.now - began > Self.shortestWatch
    }

    private func pause(_ backoff: inout Backoff) async { try? await timing.clock.sleep(for: backoff.next()) }
}

import Domain
import HTTP
import ModelFiles
import ModelServingCore
import Subprocess

/// Looks after the engine of one instance: brings it up, checks its health, notices its end, and takes it down when
/// it is asked to, never before.
actor EngineSupervisor {
    /// Bytes at which a log is cut.
    static let maximumLogBytes = 16 << 20
    /// How long another engine of the same instance, started in the same moment, is looked for.
    static let settlingTime: Duration = .seconds(10)

    /// Looks for an older engine by a supervisor that is let go of, and the time between them.
    static let lastLooks = 20
    static let lastLookPause: Duration = .milliseconds(50)

    private let launch: EngineLaunch
    private let grace: Duration
    private let cache: ModelFileCache
    private let ports: EnginePorts
    private let transport: any HTTPTransport
    private let url: @Sendable (UInt16) -> String
    private let report: @Sendable () -> Void
    private let clock = ContinuousClock()

    private var handle: EngineHandle
    private var state: Observation.State
    private var progress: EngineProgress
    private(set) var isGone = false
    private let removalRequest: AsyncStream<Void>
    private let removalRequester: AsyncStream<Void>.Continuation
    private let farewell: AsyncStream<Void>
    private let farewellSayer: AsyncStream<Void>.Continuation

    /// - Parameters:
    ///   - handle: with a process, that is taken charge of; without, one is started.
    ///   - report: is told that something changed.
    init(
        _ launch: EngineLaunch, handle: EngineHandle, grace: Duration, cache: ModelFileCache, ports: EnginePorts,
        transport: any HTTPTransport, url: @escaping @Sendable (UInt16) -> String,
        report: @escaping @Sendable () -> Void
    ) {
        self.launch = launch
        self.grace = grace
        (removalRequest, removalRequester) = AsyncStream.makeStream()
        (farewell, farewellSayer) = AsyncStream.makeStream()
        self.handle = handle
        self.cache = cache
        self.ports = ports
        self.transport = transport
        self.url = url
        self.report = report
        progress = EngineProgress(of: launch.definition.builtIn, log: launch.folder.log)
        state = handle.process == nil ? .preparing : handle.wasReady ? .ready : .starting
        if let port = handle.port { ports.keep(port) }
    }

    var observation: Observation {
        Observation(state, handle: handle.persistent, url: handle.port.map(url), message: message)
    }

    private var message: String? {
        switch state {
        case .preparing: "fetching the model"
        case .starting: progress.words
        case .absent, .ready, .unready, .failed: nil
        }
    }

    /// Works until the instance was taken down, or let go of. Letting go leaves the engine alone, as does cancelling.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.superviseAndRemove() }
            group.addTask { for await _ in self.farewell {} }
            await group.next()
            group.cancelAll()
        }
        if !isGone { await endIfSuperfluous() }
    }

    /// Another process of ours may have started the engine too while this one was let go of, and nobody else looks
    /// after what this one started. The older engine may not be seen for a moment.
    private func endIfSuperfluous() async {
        guard let process = handle.process, !handle.wasReady else { return }
        for _ in 0..<Self.lastLooks where !Task.isCancelled {
            if isYoungerThanAnother(process) { return await launch.end(process) }
            try? await Task.sleep(for: Self.lastLookPause)
        }
    }

    private func superviseAndRemove() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.superviseToTheEnd() }
            for await _ in removalRequest {}
            group.cancelAll()
        }
        guard !Task.isCancelled else { return }
        let removal = EngineRemoval(
            of: launch.deployment.instanceID, leader: handle.process, marker: launch.marker)
        while !Task.isCancelled, await !removal.run(grace: grace) {}
        guard !Task.isCancelled else { return }
        if let port = handle.port { ports.giveBack(port) }
        isGone = true
        report()
    }

    /// Takes the engine down, and everything that came from it; `isGone` tells when that is done. Idempotent.
    nonisolated func remove() { removalRequester.finish() }

    /// Leaves the instance to somebody else, as it is.
    /// - Returns: its process, of which this one may be the parent.
    func letGo() -> ProcessIdentity? {
        farewellSayer.finish()
        if let port = handle.port { ports.giveBack(port) }
        return handle.process
    }

    private func superviseToTheEnd() async {
        do throws(Failure) {
            var process = if let known = handle.process { known } else { try await start() }
            while let end = await watch(process) {
                // Another process of ours may have started an older one at the same time, and ended this one for it.
                guard let other = survivor(of: process) else { return enter(end) }
                process = other
            }
        } catch {
            // Who is cancelled while preparing has not failed: the instance is to be taken down.
            if !Task.isCancelled { enter(.failed(error)) }
        }
    }

    private func start() async throws(Failure) -> ProcessIdentity {
        let instance = launch.deployment.instanceID
        for abandoned in launch.marker.abandonedLaunches(of: instance) {
            let family = launch.marker.family(
                ofLaunch: abandoned, of: instance, leader: nil, role: EngineMarker.actionRole)
            _ = await family.end(grace: .zero)
        }
        let model = try await cache.files(of: launch.deployment.model)
        let port = try ports.take(launch.definition.port)
        handle.port = port
        let engine = try await launch.start(model, port: port)
        if let other = engine.port, other != port {
            ports.giveBack(port)
            ports.keep(other)
            handle.port = other
        }
        handle.process = engine.process
        enter(.starting)
        return engine.process
    }

    /// Two engines that were started in the same moment may not have seen each other then.
    private func isYoungerThanAnother(_ process: ProcessIdentity) -> Bool {
        launch.marker.engine(of: launch.deployment.instanceID, olderThan: process) != nil
    }

    /// The instance's engine besides one that has ended.
    private func survivor(of process: ProcessIdentity) -> ProcessIdentity? {
        let engines = launch.marker.engines(of: launch.deployment.instanceID)
        guard let other = engines.first(where: { $0.process != process }) else { return nil }
        handle.process = other.process
        if let port = other.port, port != handle.port {
            if let former = handle.port { ports.giveBack(former) }
            ports.keep(port)
            handle.port = port
        }
        report()
        return other.process
    }

    /// - Returns: the state that the end of the engine, or of its health, leads to; nil if the task was cancelled.
    private func watch(_ process: ProcessIdentity) async -> Observation.State? {
        let health = EngineHealth(launch.definition.healthCheck, wasReady: handle.wasReady)
        return await withTaskGroup(of: Observation.State?.self) { group in
            group.addTask {
                guard let status = try? await ProcessExit.wait(for: process) else { return nil }
                return .failed(await self.end(of: status))
            }
            group.addTask { await self.checkHealth(of: process, health) }
            let end = await group.next() ?? nil
            group.cancelAll()
            return end
        }
    }

    private func end(of status: ProcessExit.Status) -> Failure {
        let words = lastWords(of: launch.folder.log)
        if handle.wasReady { return Failure(.exited, "the engine ended with \(status)\(words)") }
        let mark = "address already in use"
        if launch.folder.log.lastLines(50).contains(where: { $0.lowercased().contains(mark) }) {
            return Failure(.portInUse, "port \(handle.port ?? 0) is already in use, says the engine\(words)")
        }
        if let failure = progress.failure { return failure }
        return Failure(.exitedBeforeReady, "the engine ended with \(status) before it was ready\(words)")
    }

    /// The state that ends the watch; nil if the task was cancelled.
    private func checkHealth(of process: ProcessIdentity, _ initial: EngineHealth) async -> Observation.State? {
        var health = initial
        let begin = clock.now
        let probe = EngineProbe(
            transport: transport, port: handle.port ?? 0, check: launch.definition.healthCheck)
        while !Task.isCancelled {
            let problem = await probe.problem()
            if Task.isCancelled { return nil }
            let verdict =
                if let problem { health.fail(problem, age: clock.now - begin) } else { health.succeed() }
            switch verdict {
            case .starting: progressAsStarting()
            case .ready:
                if clock.now - begin < Self.settlingTime, isYoungerThanAnother(process) {
                    await launch.end(process)
                } else {
                    handle.wasReady = true
                    enter(.ready)
                }
            case .unready(let failure): enter(.unready(failure))
            case .failed(let failure):
                return .failed(Failure(failure.reason, failure.message + lastWords(of: launch.folder.log)))
            }
            launch.folder.log.rotate(limitBytes: Self.maximumLogBytes)
            do { try await Task.sleep(for: health.pause) } catch { return nil }
        }
        return nil
    }

    private func progressAsStarting() {
        guard progress.advance() else { return enter(.starting) }
        state = .starting
        report()
    }

    private func enter(_ new: Observation.State) {
        guard new != state else { return }
        state = new
        report()
    }
}

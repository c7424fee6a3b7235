import Domain
import HTTP
import JSON

/// Watches a service until it is where it should be, and tells each phase as it comes.
struct ServiceProgress: Sendable {
    static let defaultTimeout: Duration = .seconds(120)
    /// Between two looks.
    static let interval: Duration = .milliseconds(250)

    let client: PlatformClient
    let terminal: any Terminal
    let clock: any Clock<Duration>
    let timeout: Duration

    init(client: PlatformClient, terminal: any Terminal, clock: any Clock<Duration>, timeout: Duration) {
        self.client = client
        self.terminal = terminal
        self.clock = clock
        self.timeout = timeout
    }

    init(_ invocation: Invocation) throws(CommandFailure) {
        let seconds = try invocation.arguments.integer("timeout", in: 1...86_400)
        self.init(
            client: invocation.client, terminal: invocation.terminal, clock: invocation.clock,
            timeout: seconds.map { .seconds($0) } ?? Self.defaultTimeout)
    }

    /// The service as it is once it runs.
    /// - Throws: `.failed` with the service's own reason if it ends in an error, or goes no further with what is
    ///   wanted; `.timedOut` with its last phase.
    func untilRunning(id: String) async throws(CommandFailure) -> JSONValue {
        let timer = Stopwatch(clock)
        var told: [String] = []
        while true {
            let service = try await client.call(.get, "/model_services/\(id)", of: .modelServing).body
            let phases = Self.phases(service)
            if phases != told {
                told = phases
                terminal.noteLine("  \(elapsedText(timer.elapsed)) \(phases.joined(separator: ", "))")
            }
            let status = service.cell("status")
            if status == "running" { return service }
            if status == "error" { throw Self.failure(service, "ended in an error") }
            if Self.isHalted(service) { throw Self.failure(service, "goes no further") }
            if status == "stopped" {
                throw CommandFailure(.failed, "\(service.cell("name")) is stopped: it is wanted with no replica.")
            }
            guard timer.elapsed < timeout else {
                throw CommandFailure(
                    .timedOut,
                    "\(service.cell("name")) does not run after \(elapsedText(timeout)): "
                        + "\(phases.joined(separator: ", ")).",
                    hints: Self.hints(service))
            }
            try await pause()
        }
    }

    func untilGone(id: String) async throws(CommandFailure) {
        let timer = Stopwatch(clock)
        var told = ""
        while timer.elapsed < timeout {
            do throws(CommandFailure) {
                let service = try await client.call(.get, "/model_services/\(id)", of: .modelServing).body
                let status = Self.phases(service).joined(separator: ", ")
                if status != told { terminal.noteLine("  \(elapsedText(timer.elapsed)) \(status)") }
                told = status
            } catch  where error.status == .notFound {
                return
            }
            try await pause()
        }
        throw CommandFailure(.timedOut, "The service is still there after \(elapsedText(timeout)): \(told).")
    }

    private func pause() async throws(CommandFailure) {
        do {
            try await clock.sleep(for: Self.interval)
        } catch {
            throw CommandFailure(.failed, "Cancelled.")
        }
    }

    /// Characters of what keeps an instance waiting.
    static let maximumTroubleLength = 160

    /// What each instance is doing, and why it waits if it does; the service's own status while it has none.
    private static func phases(_ service: JSONValue) -> [String] {
        let instances = service["instances"]?.arrayValue ?? []
        let phases = instances.map { instance in
            let phase = instance.cell("phase").isEmpty ? instance.cell("status") : instance.cell("phase")
            let message = instance.cell("message")
            let trouble = instance["failure"]?.cell("message") ?? ""
            guard !trouble.isEmpty, instance["next_retry_at"] != nil else {
                return message.isEmpty ? phase : "\(phase): \(Self.shortened(message))"
            }
            return "\(phase), tried again soon: \(Self.shortened(trouble))"
        }
        return phases.isEmpty ? [service.cell("status")] : phases
    }

    private static func shortened(_ text: String) -> String {
        text.count > maximumTroubleLength ? "\(text.prefix(maximumTroubleLength))…" : text
    }

    /// An instance of what is wanted was given up: nothing happens before somebody acts, though others serve.
    private static func isHalted(_ service: JSONValue) -> Bool {
        let instances = service["instances"]?.arrayValue ?? []
        return service.cell("status") == "degraded"
            && instances.contains { $0.cell("phase") == "error" && $0.cell("revision") == service.cell("revision") }
    }

    private static func failure(_ service: JSONValue, _ what: String) -> CommandFailure {
        let reason = service["failure"]?.cell("message") ?? ""
        return CommandFailure(
            .failed, "\(service.cell("name")) \(what)\(reason.isEmpty ? "." : ": \(reason)")",
            hints: hints(service))
    }

    private static func hints(_ service: JSONValue) -> [String] {
        let name = service.cell("name")
        let action = service.cell("operator_action")
        return (action.isEmpty ? [] : [action]) + [
            "slipway services events \(name) tells the story, slipway services logs \(name) what its engine wrote."
        ]
    }
}

/// How long ago something began, on a clock of any kind.
struct Stopwatch: Sendable {
    private let read: @Sendable () -> Duration

    init(_ clock: any Clock<Duration>) {
        func start<C: Clock<Duration>>(_ clock: C) -> @Sendable () -> Duration {
            let beginning = clock.now
            return { beginning.duration(to: clock.now) }
        }
        read = start(clock)
    }

    var elapsed: Duration { read() }
}

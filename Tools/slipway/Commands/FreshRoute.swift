/// The gateway learns of a new service, or of one that has come up, within a second: until then, it is asked again.
struct FreshRoute: Sendable {
    /// After this long, something else is wrong.
    static let deadline: Duration = .seconds(5)
    static let interval: Duration = .milliseconds(100)

    let clock: any Clock<Duration>

    func ask(_ question: () async throws(CommandFailure) -> Void) async throws(CommandFailure) {
        let timer = Stopwatch(clock)
        while true {
            do throws(CommandFailure) {
                return try await question()
            } catch {
                let mayBeEarly = [.notFound, .unavailable].contains(error.status)
                guard mayBeEarly, timer.elapsed < Self.deadline else { throw error }
            }
            do {
                try await clock.sleep(for: Self.interval)
            } catch {
                throw CommandFailure(.failed, "Cancelled.")
            }
        }
    }
}

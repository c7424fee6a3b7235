#if DEBUG
    import FoundationEssentials
    import Glibc

    /// A place by name at which a test may stop this process, in order to end one process or another exactly there.
    ///
    /// The folder that `SLIPWAY_FAILPOINTS` names holds a file for each failpoint that is armed. Whoever comes to a
    /// place whose file is there renames it to `{name}.reached`, and goes on when that is gone. A failpoint stops
    /// once. Release builds have none.
    enum Failpoint {
        /// A test that forgot about it does not keep the process for ever.
        private static let deadline: Duration = .seconds(120)
        private static let pause: Duration = .milliseconds(2)
        private static let folder = ProcessInfo.processInfo.environment["SLIPWAY_FAILPOINTS"]

        static var areInUse: Bool { folder != nil }

        enum Moment: String {
            case before, after
        }

        static func reach(_ moment: Moment, _ step: String) async {
            guard let reached = enter(moment, step) else { return }
            let end = ContinuousClock.now + deadline
            while FileManager.default.fileExists(atPath: reached), ContinuousClock.now < end {
                try? await Task.sleep(for: pause)
            }
        }

        /// For places that cannot wait otherwise: it keeps its thread.
        static func reachBlocking(_ moment: Moment, _ step: String) {
            guard let reached = enter(moment, step) else { return }
            let end = ContinuousClock.now + deadline
            while FileManager.default.fileExists(atPath: reached), ContinuousClock.now < end {
                usleep(2000)
            }
        }

        /// The file to wait for; nil if the failpoint is not armed.
        private static func enter(_ moment: Moment, _ step: String) -> String? {
            guard let folder else { return nil }
            let armed = "\(folder)/\(moment.rawValue)-\(step)"
            let reached = "\(armed).reached"
            do {
                try FileManager.default.moveItem(atPath: armed, toPath: reached)
                return reached
            } catch {
                return nil
            }
        }
    }
#endif

import Domain

/// Which runtimes can be used here and now, and why the others cannot.
public struct ListRuntimes: Sendable {
    public struct Entry: Hashable, Sendable {
        public let kind: RuntimeKind
        /// Nil if it can be used.
        public let problem: String?
    }

    /// How long a runtime may take to say whether it can be used.
    static let probeDeadline: Duration = .seconds(5)

    private let runtimes: [any Runtime]
    private let missing: [RuntimeKind: String]

    /// - Parameter missing: what keeps the other runtimes from being there at all.
    public init(_ runtimes: [any Runtime], missing: [RuntimeKind: String] = [:]) {
        self.runtimes = runtimes
        self.missing = missing
    }

    /// All kinds, in a fixed order; each is asked at the same time as the others.
    public func callAsFunction() async -> [Entry] {
        let problems = await withTaskGroup(of: (RuntimeKind, String?).self) { group in
            for runtime in runtimes { group.addTask { (runtime.kind, await Self.problem(with: runtime)) } }
            return await group.reduce(into: [RuntimeKind: String?]()) { $0[$1.0] = .some($1.1) }
        }
        return RuntimeKind.allCases.map { kind in
            Entry(kind: kind, problem: problems[kind] ?? missing[kind] ?? "it is not built into this installation")
        }
    }

    private static func problem(with runtime: any Runtime) async -> String? {
        await withTaskGroup(of: String?.self) { group in
            group.addTask {
                switch await runtime.probe() {
                case .available: nil
                case .unavailable(let reason): reason
                }
            }
            group.addTask {
                try? await Task.sleep(for: probeDeadline)
                return "it did not say within \(probeDeadline.components.seconds) s whether it can be used"
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }
}

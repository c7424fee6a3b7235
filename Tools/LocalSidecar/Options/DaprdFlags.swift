/// The command line in daprd's form: `--name value`, `--name=value`, `-name`; some flags may come several times.
struct DaprdFlags {
    struct Failure: Error, Hashable, CustomStringConvertible {
        let description: String
    }

    private var values: [String: [String]] = [:]

    init(_ arguments: [String]) throws(Failure) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            guard argument.hasPrefix("-"), argument != "-", argument != "--" else {
                throw Failure(description: "unexpected argument \"\(argument)\"")
            }
            let text = argument.drop { $0 == "-" }
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            if let reason = Self.refused[name] { throw Failure(description: "--\(name) \(reason)") }
            guard Self.used.contains(name) || Self.ignored.contains(name) || Self.switches.contains(name) else {
                throw Failure(description: "unknown flag --\(name)")
            }
            if parts.count == 2 {
                values[name, default: []].append(String(parts[1]))
            } else if Self.switches.contains(name) {
                values[name, default: []].append("true")
            } else if let value = rest.popFirst() {
                values[name, default: []].append(value)
            } else {
                throw Failure(description: "--\(name) needs a value")
            }
        }
    }

    /// The last value given; nil if there is none, or it is empty.
    func last(_ name: String) -> String? { values[name]?.last.flatMap { $0.isEmpty ? nil : $0 } }

    /// Every value given; a list in one value is taken apart at its commas.
    func all(_ name: String) -> [String] {
        (values[name] ?? []).flatMap { $0.split(separator: ",").map(String.init) }
    }

    func isOn(_ name: String) -> Bool { last(name) == "true" }

    func integer(_ name: String, default fallback: Int, in range: ClosedRange<Int>) throws(Failure) -> Int {
        guard let text = last(name) else { return fallback }
        guard let value = Int(text), range.contains(value) else {
            throw Failure(
                description: "--\(name) is \"\(text)\"; it must be from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    func byteCount(_ names: [String], default fallback: Int) throws(Failure) -> Int {
        for name in names {
            guard let text = last(name) else { continue }
            guard let count = ByteQuantity.parse(text), count > 0 else {
                throw Failure(description: "--\(name) is \"\(text)\"; write for example 4Mi")
            }
            return count
        }
        return fallback
    }

    /// Flags that were given and change nothing here.
    var withoutEffect: [String] { values.keys.filter { Self.ignored.contains($0) }.sorted() }

    private static let used: Set<String> = [
        "app", "app-id", "app-port", "app-channel-address", "app-protocol", "dapr-http-port", "dapr-listen-addresses",
        "resources-path", "components-path", "config", "max-body-size", "dapr-http-max-request-size",
        "read-buffer-size", "dapr-http-read-buffer-size", "log-level", "app-health-check-path",
        "app-health-probe-interval", "app-health-probe-timeout", "app-health-threshold",
        "dapr-graceful-shutdown-seconds", "dapr-internal-grpc-listen-address", "dapr-internal-grpc-port",
    ]

    /// These stand alone, or take `=true` and `=false`.
    private static let switches: Set<String> = [
        "log-as-json", "enable-app-health-check", "enable-api-logging", "enable-metrics", "enable-mtls",
        "enable-profiling", "disable-builtin-k8s-secret-store", "version", "help",
    ]

    private static let ignored: Set<String> = [
        "allowed-origins", "app-binding-options-timeout", "app-max-concurrency", "control-plane-address",
        "control-plane-namespace", "control-plane-trust-domain", "dapr-block-shutdown-duration", "dapr-grpc-port",
        "dapr-public-listen-address",
        "dapr-public-port", "disable-init-endpoints", "enable-api-logging", "enable-metrics", "enable-mtls",
        "enable-profiling", "disable-builtin-k8s-secret-store", "log-file", "metrics-listen-address", "metrics-port",
        "mode", "placement-host-address", "profile-port", "scheduler-host-address", "scheduler-job-streams",
        "sentry-address", "sentry-request-jwt-audiences",
    ]

    /// Flags whose silent loss would leave somebody waiting for what never comes.
    private static let refused = [
        "unix-domain-socket": "is not supported by the local sidecar", "wait": "is not supported by the local sidecar",
        "build-info": "is not supported by the local sidecar",
    ]
}

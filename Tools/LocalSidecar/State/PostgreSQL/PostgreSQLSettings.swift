/// A component of the type `state.postgresql`, read.
struct PostgreSQLSettings: Hashable, Sendable {
    /// As daprd's driver has it where there are few cores.
    static let defaultMaximumConnections = 8
    static let defaultTimeout = Duration.seconds(20)

    let connectionString: String
    let maximumConnections: Int
    let timeout: Duration
    private let tablePrefix: String
    private let metadataTable: String

    var schema: PostgreSQLSchema { PostgreSQLSchema(tablePrefix: tablePrefix, metadataTable: metadataTable) }

    init(_ component: Component) throws(ComponentFileError) {
        guard component.version == "v2" else {
            throw ComponentFileError(
                message: "version \(component.version) of state.postgresql is not in the local sidecar: use version: v2"
            )
        }
        connectionString = try Self.connectionString(component)
        tablePrefix = component["tablePrefix"] ?? ""
        metadataTable = component["metadataTableName"] ?? "dapr_metadata"
        for name in [tablePrefix + "state", metadataTable] {
            guard name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy({ String($0).isTableName })
            else { throw ComponentFileError(message: "\"\(name)\" is no name for a table") }
        }
        maximumConnections =
            try component["maxConns"].map { text throws(ComponentFileError) in
                guard let count = Int(text), count > 0 else {
                    throw ComponentFileError(message: "maxConns is \"\(text)\", not a number from 1")
                }
                return count
            } ?? Self.defaultMaximumConnections
        timeout =
            try (component["timeout"] ?? component["timeoutInSeconds"]).map { text throws(ComponentFileError) in
                guard let duration = Duration(goDuration: text), duration > .zero else {
                    throw ComponentFileError(message: "timeout is \"\(text)\", not a time such as 20s")
                }
                return duration
            } ?? Self.defaultTimeout
    }

    /// The parts that have fields of their own take precedence, as they do with daprd.
    private static func connectionString(_ component: Component) throws(ComponentFileError) -> String {
        let whole = component["connectionString"] ?? component["url"] ?? ""
        let parts = [
            ("host", "host"), ("hostaddr", "hostaddr"), ("port", "port"), ("database", "dbname"), ("user", "user"),
            ("password", "password"), ("sslRootCert", "sslrootcert"),
        ].compactMap { field, keyword in component[field].map { "\(keyword)=\(quoted($0))" } }
        guard !whole.isEmpty || !parts.isEmpty else {
            throw ComponentFileError(message: "connectionString is missing")
        }
        guard parts.isEmpty || !whole.contains("://") else {
            throw ComponentFileError(message: "a connectionString that is a URL goes with no other part of an address")
        }
        return ([whole] + parts).filter { !$0.isEmpty }.joined(separator: " ")
    }

    private static func quoted(_ value: String) -> String {
        "'\(String(value.flatMap { $0 == "'" || $0 == "\\" ? ["\\", $0] : [$0] }))'"
    }
}

extension Duration {
    /// Go's `1h30m`, `1.5s`, `200ms`; a number alone is seconds. Nil if it is neither.
    init?(goDuration text: String) {
        if let seconds = Int64(text) {
            self = .seconds(seconds)
            return
        }
        var total = Duration.zero
        var rest = Substring(text)
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isNumber || $0 == "." }
            let unit = rest.dropFirst(digits.count).prefix { !$0.isNumber && $0 != "." }
            let units: [String: Double] = ["h": 3600, "m": 60, "s": 1, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9]
            guard let number = Double(digits), let seconds = units[String(unit)] else { return nil }
            total += .seconds(number * seconds)
            rest = rest.dropFirst(digits.count + unit.count)
        }
        guard !text.isEmpty else { return nil }
        self = total
    }
}

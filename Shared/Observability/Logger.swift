import Domain
import JSON

/// Writes structured log lines: a message that never changes, and fields that do.
///
/// No field may hold a secret, a token or a body. Values are cut at `maximumValueLength`.
public struct Logger: Sendable {
    /// Characters of one field's value.
    public static let maximumValueLength = 2048

    private let sink: any LogSink
    private let level: LogLevel
    private let fields: [(String, String)]
    private let now: @Sendable () -> Timestamp

    public init(sink: any LogSink, level: LogLevel = .info, now: @escaping @Sendable () -> Timestamp) {
        self.sink = sink
        self.level = level
        self.now = now
        fields = []
    }

    private init(_ other: Logger, adding fields: [(String, String)]) {
        sink = other.sink
        level = other.level
        now = other.now
        self.fields = other.fields + fields
    }

    /// A logger whose every line carries `fields` too.
    public func with(_ fields: KeyValuePairs<String, String>) -> Logger {
        Logger(self, adding: fields.map { ($0.key, $0.value) })
    }

    public func debug(_ message: StaticString, _ fields: KeyValuePairs<String, String> = [:]) {
        log(.debug, message, fields)
    }

    public func info(_ message: StaticString, _ fields: KeyValuePairs<String, String> = [:]) {
        log(.info, message, fields)
    }

    public func warning(_ message: StaticString, _ fields: KeyValuePairs<String, String> = [:]) {
        log(.warning, message, fields)
    }

    public func error(_ message: StaticString, _ fields: KeyValuePairs<String, String> = [:]) {
        log(.error, message, fields)
    }

    private func log(_ level: LogLevel, _ message: StaticString, _ fields: KeyValuePairs<String, String>) {
        guard level >= self.level else { return }
        let all = self.fields + fields.map { ($0.key, $0.value) }
        sink.write(
            LogLine(
                time: now(), level: level, message: message.description,
                fields: all.map { ($0.0, String($0.1.prefix(Self.maximumValueLength))) }))
    }
}

/// One line, before it has a form.
public struct LogLine: Sendable {
    public let time: Timestamp
    public let level: LogLevel
    public let message: String
    public let fields: [(name: String, value: String)]

    public init(time: Timestamp, level: LogLevel, message: String, fields: [(String, String)]) {
        self.time = time
        self.level = level
        self.message = message
        self.fields = fields.map { (name: $0.0, value: $0.1) }
    }

    /// `{"time":…,"level":…,"message":…,…}`
    public var json: String {
        var members: [(String, JSONValue)] = [
            ("time", .string(time.description)), ("level", .string(level.rawValue)), ("message", .string(message)),
        ]
        members += fields.map { ($0.name, .string($0.value)) }
        return JSONWriter.text(.object(JSONObject(members)))
    }

    /// `08:05:11.042 warning message name=value name="two words"`
    public var text: String {
        let clock = time.description.dropFirst(11).dropLast()
        let suffix = fields.map { field in
            let isPlain = !field.value.isEmpty && !field.value.contains { " \"\n=".contains($0) }
            return " \(field.name)=\(isPlain ? field.value : JSONWriter.text(.string(field.value)))"
        }
        return "\(clock) \(level.rawValue) \(message)\(suffix.joined())"
    }
}

/// Where lines go.
public protocol LogSink: Sendable {
    /// Must not block for long and never fails; a line that cannot be written is dropped.
    func write(_ line: LogLine)
}

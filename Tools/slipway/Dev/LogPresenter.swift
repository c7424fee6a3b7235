import JSON
import Observability

/// Decides which lines of the processes' logs a person sees on the terminal, and in which form.
struct LogPresenter: Sendable {
    /// Lines of one process shown in one go; the rest is in its file.
    static let maximumLines = 20
    /// Characters of a line; the rest is in the file.
    static let maximumLineLength = 240
    /// Messages of life-cycle lines, shown although they are no warnings.
    static let lifeCycle: Set<String> = ["listening", "shutting down"]

    /// Everything, instead of warnings and life-cycle lines.
    let showsAll: Bool
    /// The longest process name, so that lines align.
    let nameWidth: Int

    /// The lines for the terminal.
    func present(_ lines: [String], of name: String, withLifeCycle: Bool = true) -> [String] {
        let shown = lines.compactMap { text($0, withLifeCycle) }
        let prefix = name + String(repeating: " ", count: max(0, nameWidth - name.count)) + " │ "
        let more = shown.count - Self.maximumLines
        return shown.prefix(Self.maximumLines).map { prefix + Self.cut($0) }
            + (more > 0 ? ["\(prefix)… and \(more) more lines"] : [])
    }

    private static func cut(_ line: String) -> String {
        line.count > maximumLineLength ? line.prefix(maximumLineLength - 1) + "…" : line
    }

    /// A line that is no log line, as a crash writes it, is always shown.
    private func text(_ line: String, _ withLifeCycle: Bool) -> String? {
        guard let document = try? JSONParser.parse(line), let members = document.objectValue?.members,
            let level = document["level"]?.stringValue.flatMap(LogLevel.init(rawValue:)),
            let message = document["message"]?.stringValue
        else { return line.isEmpty ? nil : line }
        let isLifeCycle = withLifeCycle && Self.lifeCycle.contains(message)
        guard showsAll || level >= .warning || isLifeCycle else { return nil }
        let time = document.cell("time").dropFirst(11).prefix(8)
        let fields = members.filter { !["time", "level", "message"].contains($0.name) }
            .map { " \($0.name)=\($0.value.cell)" }
        let word = level >= .warning ? " \(level.rawValue):" : ""
        return "\(time)\(word) \(message)\(fields.joined())"
    }
}

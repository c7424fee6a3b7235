/// What is wrong with a model or policy file, and where.
public struct SourceError: Error, Hashable, Sendable, CustomStringConvertible {
    /// From 1.
    public let line: Int
    /// In characters, from 1.
    public let column: Int
    public let message: String

    public init(line: Int, column: Int, _ message: String) {
        self.line = line
        self.column = column
        self.message = message
    }

    public var description: String { "line \(line), column \(column): \(message)" }

    /// The same, of a text that begins at another place.
    func moved(toLine line: Int, column: Int) -> SourceError {
        SourceError(
            line: line + self.line - 1, column: self.line == 1 ? column + self.column - 1 : self.column, message)
    }
}

/// What an audit log may hold at most.
public enum AuditLimits {
    /// Bytes of one file; the chain goes on in the next. A file may be longer only by being one line.
    public static let fileBytes = 64 << 20
    /// Bytes of one text in a line. What callers send is cut there: a line is to say what was tried, not to hold it.
    public static let textBytes = 512
    /// Bytes of one line when it is read.
    public static let lineBytes = 1 << 16
    /// Processes that keep a log each in the same folder.
    public static let writers = 16
}

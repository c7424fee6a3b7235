/// What the server or the way to it said when something was not done.
struct PostgreSQLError: Error, Hashable, CustomStringConvertible {
    /// Five characters, as in the appendix of PostgreSQL's manual; nil if it was not the server that failed.
    let sqlState: String?
    /// In the form in which daprd's driver puts it. Never holds a password.
    let description: String
    /// Whether the connection is of no use any more.
    let endsConnection: Bool

    static let uniqueViolation = "23505"

    static func server(severity: String, sqlState: String, message: String) -> Self {
        Self(
            sqlState: sqlState, description: "\(severity): \(message) (SQLSTATE \(sqlState))",
            endsConnection: severity != "ERROR")
    }

    static func connection(_ description: String) -> Self {
        Self(sqlState: nil, description: description, endsConnection: true)
    }

    static func deadline(_ what: String) -> Self {
        connection("\(what): context deadline exceeded")
    }
}

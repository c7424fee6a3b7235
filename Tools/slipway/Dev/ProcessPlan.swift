/// One process of the development stack, before it runs.
struct ProcessPlan: Hashable, Sendable {
    /// For logs and messages: `model-serving`.
    let name: String
    /// The program's file.
    let executable: String
    let arguments: [String]
    /// What is added to this program's own environment.
    let environment: [String: String]
    /// Every port that it listens on.
    let ports: [UInt16]
    /// Where a GET is answered with 2xx once it is ready.
    let readiness: Readiness

    struct Readiness: Hashable, Sendable {
        let port: UInt16
        var path = "/readyz"
    }
}

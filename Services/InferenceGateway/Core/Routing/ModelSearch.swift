/// Finds the model that a body names, be that a JSON object or a form.
///
/// What the body is its first bytes tell, not its content type: clients send JSON as many things.
public struct ModelSearch: Sendable {
    private var json = ModelNameScanner()
    private var form: FormModelScanner?

    public init() {}

    /// Takes the next piece of the body. After `found` or `refused` the answer stays.
    ///
    /// - Parameter boundary: asked for if the body is no JSON object; nil if it is no form either.
    public mutating func scan(_ piece: Span<UInt8>, boundary: () -> FormBoundary?) -> ModelNameScanner.Progress {
        if form != nil { return form?.scan(piece) ?? .needsMore }
        let progress = json.scan(piece)
        guard progress == .refused(.notAnObject), let boundary = boundary() else { return progress }
        var form = FormModelScanner(boundary: boundary)
        defer { self.form = form }
        return form.scan(piece)
    }

    /// The verdict when the body has ended and `scan` still needed more.
    public func problemAtEnd() -> ModelNameScanner.Problem { form?.problemAtEnd() ?? json.problemAtEnd() }
}

/// One step of reading a YAML stream, with the place where it begins.
struct YAMLEvent {
    enum Kind {
        case documentStart, documentEnd, streamEnd
        case scalar(text: String, isPlain: Bool)
        case sequenceStart, sequenceEnd
        case mappingStart, mappingEnd
        case alias
        /// Stream starts, which say nothing to us.
        case other
    }

    let kind: Kind
    /// The tag as resolved by the reader (`tag:yaml.org,2002:str` for `!!str`).
    let tag: String?
    let hasAnchor: Bool
    let line: Int
    let column: Int

    func error(_ message: String) -> YAMLError { YAMLError(message: message, line: line, column: column) }
}

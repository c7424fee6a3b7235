import CYAML

/// libyaml's parser over one text, giving Swift values; no C memory leaves this file.
@safe
struct YAMLEventReader: ~Copyable {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    /// libyaml keeps a pointer into the text for as long as it parses.
    private let input: UnsafeMutableBufferPointer<UInt8>

    init(_ text: String) {
        unsafe parser = .allocate(capacity: 1)
        unsafe input = .allocate(capacity: max(1, text.utf8.count))
        _ = unsafe input.initialize(from: text.utf8)
        guard unsafe yaml_parser_initialize(parser) == 1 else { fatalError("libyaml is out of memory") }
        unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        unsafe yaml_parser_set_input_string(parser, input.baseAddress, text.utf8.count)
    }

    deinit {
        unsafe yaml_parser_delete(parser)
        unsafe parser.deallocate()
        unsafe input.deallocate()
    }

    mutating func next() throws(YAMLError) -> YAMLEvent {
        var event = unsafe yaml_event_t()
        guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw failure() }
        defer { unsafe yaml_event_delete(&event) }
        return unsafe Self.translate(event)
    }

    private static func translate(_ event: yaml_event_t) -> YAMLEvent {
        let kind: YAMLEvent.Kind
        var tag: UnsafeMutablePointer<UInt8>?
        var anchor: UnsafeMutablePointer<UInt8>?
        switch unsafe event.type {
        case YAML_DOCUMENT_START_EVENT: kind = .documentStart
        case YAML_DOCUMENT_END_EVENT: kind = .documentEnd
        // After its end or an error libyaml succeeds for ever, without an event.
        case YAML_STREAM_END_EVENT, YAML_NO_EVENT: kind = .streamEnd
        case YAML_ALIAS_EVENT: kind = .alias
        case YAML_SEQUENCE_END_EVENT: kind = .sequenceEnd
        case YAML_MAPPING_END_EVENT: kind = .mappingEnd
        case YAML_SEQUENCE_START_EVENT:
            kind = .sequenceStart
            unsafe tag = event.data.sequence_start.tag
            unsafe anchor = event.data.sequence_start.anchor
        case YAML_MAPPING_START_EVENT:
            kind = .mappingStart
            unsafe tag = event.data.mapping_start.tag
            unsafe anchor = event.data.mapping_start.anchor
        case YAML_SCALAR_EVENT:
            let scalar = unsafe event.data.scalar
            let text = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            kind = unsafe .scalar(
                text: String(decoding: text, as: UTF8.self), isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
            unsafe tag = scalar.tag
            unsafe anchor = scalar.anchor
        default: kind = .other
        }
        return unsafe YAMLEvent(
            kind: kind, tag: tag.map { unsafe String(cString: $0) }, hasAnchor: anchor != nil,
            line: Int(event.start_mark.line) + 1, column: Int(event.start_mark.column) + 1)
    }

    private func failure() -> YAMLError {
        let problem = unsafe parser.pointee.problem.map { unsafe String(cString: $0) } ?? "not YAML"
        guard unsafe parser.pointee.error != YAML_READER_ERROR else {
            return unsafe readerFailure(problem, offset: parser.pointee.problem_offset)
        }
        let context = unsafe parser.pointee.context.map { unsafe ", " + String(cString: $0) } ?? ""
        let mark = unsafe parser.pointee.problem_mark
        return YAMLError(message: problem + context, line: Int(mark.line) + 1, column: Int(mark.column) + 1)
    }

    /// The reader runs ahead of the parser, and gives only the offset of a character that it refuses.
    private func readerFailure(_ problem: String, offset: Int) -> YAMLError {
        let before = unsafe input.prefix(offset)
        let line = unsafe before.count { $0 == UInt8(ascii: "\n") } + 1
        let lineStart = unsafe before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        let column = unsafe before[lineStart...].count { $0 & 0xC0 != 0x80 } + 1
        return YAMLError(message: problem, line: line, column: column)
    }
}

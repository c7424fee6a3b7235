import JSON

/// Makes values of events, and refuses what has no place in a configuration file.
struct YAMLComposer: ~Copyable {
    private var reader: YAMLEventReader
    private var depth = 0

    init(_ text: String) {
        reader = YAMLEventReader(text)
    }

    /// The next document; nil after the last.
    mutating func document() throws(YAMLError) -> JSONValue? {
        while true {
            let event = try reader.next()
            switch event.kind {
            case .streamEnd: return nil
            case .documentStart: return try value(try reader.next())
            case .documentEnd, .other: continue
            case .scalar, .sequenceStart, .sequenceEnd, .mappingStart, .mappingEnd, .alias:
                throw event.error("content outside of a document")
            }
        }
    }

    private mutating func value(_ event: YAMLEvent) throws(YAMLError) -> JSONValue {
        guard !event.hasAnchor else { throw event.error("anchors (&) are not supported; write the value out") }
        switch event.kind {
        case .scalar(let text, let isPlain): return try scalar(text, isPlain: isPlain, event)
        case .sequenceStart: return try nested(event) { (self) throws(YAMLError) in .array(try self.elements()) }
        case .mappingStart: return try nested(event) { (self) throws(YAMLError) in .object(try self.members()) }
        case .alias: throw event.error("aliases (*) are not supported; write the value out")
        case .documentStart, .documentEnd, .streamEnd, .sequenceEnd, .mappingEnd, .other:
            throw event.error("a value should be here")
        }
    }

    private func scalar(_ text: String, isPlain: Bool, _ event: YAMLEvent) throws(YAMLError) -> JSONValue {
        switch event.tag {
        case nil:
            guard isPlain else { return .string(text) }
            guard let value = YAMLScalar.resolve(text) else {
                throw event.error("\(text.prefix(64)) is not a number that can be kept; quote it if text is meant")
            }
            return value
        case "!", "tag:yaml.org,2002:str": return .string(text)
        case let tag?: throw event.error("the tag \(tag.prefix(64)) is not supported")
        }
    }

    private mutating func nested(
        _ event: YAMLEvent, _ read: (inout YAMLComposer) throws(YAMLError) -> JSONValue
    ) throws(YAMLError) -> JSONValue {
        if let tag = event.tag { throw event.error("the tag \(tag.prefix(64)) is not supported") }
        depth += 1
        guard depth <= YAMLParser.maximumDepth else {
            throw event.error("nested deeper than \(YAMLParser.maximumDepth) levels")
        }
        let value = try read(&self)
        depth -= 1
        return value
    }

    private mutating func elements() throws(YAMLError) -> [JSONValue] {
        var elements: [JSONValue] = []
        while true {
            let event = try reader.next()
            if case .sequenceEnd = event.kind { return elements }
            elements.append(try value(event))
        }
    }

    private mutating func members() throws(YAMLError) -> JSONObject {
        var members: [(String, JSONValue)] = []
        var names: Set<String> = []
        while true {
            let event = try reader.next()
            if case .mappingEnd = event.kind { return JSONObject(members) }
            let name = try name(event)
            guard names.insert(name).inserted else {
                throw event.error("the key \"\(name.prefix(64))\" appears twice")
            }
            members.append((name, try value(try reader.next())))
        }
    }

    /// A key's text as written: `8080:` is the name "8080".
    private func name(_ event: YAMLEvent) throws(YAMLError) -> String {
        guard case .scalar(let text, let isPlain) = event.kind, event.tag == nil, !event.hasAnchor else {
            throw event.error("a key must be plain or quoted text")
        }
        guard !isPlain || !text.isEmpty else { throw event.error("a key should be before the colon") }
        guard !isPlain || text != "<<" else { throw event.error("merge keys (<<) are not supported") }
        return text
    }
}

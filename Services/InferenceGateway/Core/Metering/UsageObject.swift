/// The counts that an engine puts into its `usage` objects, by their names in OpenAI's interfaces.
struct UsageObject: Sendable {
    private var prompt: Int64?
    private var completion: Int64?

    init() {}

    /// From the JSON object at `index`, white space aside; none if it is cut off or says what cannot be. `index` is
    /// behind it then.
    init(_ bytes: Span<UInt8>, _ index: inout Int) {
        guard JSONWalk.next(bytes, &index) == UInt8(ascii: "{"), read(bytes, &index) else {
            self = Self()
            return
        }
    }

    init(_ bytes: Span<UInt8>) {
        var index = 0
        self.init(bytes, &index)
    }

    /// Nil if there are none.
    var tokens: TokenCounts? {
        guard prompt != nil || completion != nil else { return nil }
        return TokenCounts(prompt: prompt ?? 0, completion: completion ?? 0)
    }

    /// Takes over what a later one says. It may leave out what an earlier one has said, as Anthropic's events do.
    mutating func add(_ later: UsageObject) {
        prompt = later.prompt ?? prompt
        completion = later.completion ?? completion
    }

    /// From behind the opening brace to behind the closing one.
    private mutating func read(_ bytes: Span<UInt8>, _ index: inout Int) -> Bool {
        while let byte = JSONWalk.next(bytes, &index) {
            if byte == UInt8(ascii: "}") { return true }
            if byte == UInt8(ascii: ",") { continue }
            guard byte == UInt8(ascii: "\"") else { return false }
            let start = index
            guard JSONWalk.skipString(bytes, &index) else { return false }
            let name = start..<index - 1
            guard JSONWalk.next(bytes, &index) == UInt8(ascii: ":") else { return false }
            guard let field = Self.field(bytes, name) else {
                guard JSONWalk.skipValue(bytes, &index) else { return false }
                continue
            }
            guard let count = Self.count(bytes, &index) else { return false }
            switch field {
            case .prompt: prompt = count
            case .completion: completion = count
            }
        }
        return false
    }

    private enum Field {
        case prompt, completion
    }

    private static func field(_ bytes: Span<UInt8>, _ name: Range<Int>) -> Field? {
        // Input and output are what `/v1/responses` calls them.
        switch name.count {
        case 12: JSONWalk.isEqual(bytes, name.lowerBound, "input_tokens".utf8.span) ? .prompt : nil
        case 13:
            if JSONWalk.isEqual(bytes, name.lowerBound, "prompt_tokens".utf8.span) {
                .prompt
            } else {
                JSONWalk.isEqual(bytes, name.lowerBound, "output_tokens".utf8.span) ? .completion : nil
            }
        case 17: JSONWalk.isEqual(bytes, name.lowerBound, "completion_tokens".utf8.span) ? .completion : nil
        default: nil
        }
    }

    /// Up to the comma or bracket behind it; 0 for null, nil for what is none or too large to be one.
    private static func count(_ bytes: Span<UInt8>, _ index: inout Int) -> Int64? {
        guard let first = JSONWalk.next(bytes, &index) else { return nil }
        index -= 1
        if first == UInt8(ascii: "n") { return JSONWalk.skipValue(bytes, &index) ? 0 : nil }
        var value: Int64 = 0
        let start = index
        while index < bytes.count, (0x30...0x39).contains(bytes[index]) {
            value = value * 10 + Int64(bytes[index] - 0x30)
            guard value <= TokenCounts.maximum else { return nil }
            index += 1
        }
        return index > start && index < bytes.count ? value : nil
    }
}

/// A regular expression as instructions for a machine that follows all its ways at once.
struct RegexProgram: Sendable {
    enum Instruction: Sendable {
        case set(ScalarSet)
        case assertion(RegexAssertion)
        /// Goes on at both, the first before the second.
        case split(Int, Int)
        case jump(Int)
        /// Notes where the text is.
        case save(Int)
        case match
    }

    static let maximumInstructions = 20_000

    private(set) var instructions: [Instruction] = []
    let captures: Int

    init(_ text: String) throws(PatternError) {
        var parser = RegexParser(text)
        let node = try parser.parse()
        captures = parser.captures
        try add(node)
        instructions.append(.match)
    }

    private mutating func append(_ instruction: Instruction) throws(PatternError) {
        guard instructions.count < Self.maximumInstructions else { throw PatternError("is too large") }
        instructions.append(instruction)
    }

    private mutating func add(_ node: RegexNode) throws(PatternError) {
        switch node {
        case .empty: break
        case .set(let set): try append(.set(set))
        case .assertion(let assertion): try append(.assertion(assertion))
        case .group(let inside, let capture):
            if let capture { try append(.save(2 * capture)) }
            try add(inside)
            if let capture { try append(.save(2 * capture + 1)) }
        case .sequence(let parts): for part in parts { try add(part) }
        case .choice(let choices): try addChoice(choices[...])
        case .repetition(let part, let least, let most, let isGreedy):
            for _ in 0..<least { try add(part) }
            if let most {
                try addOptional(part, count: most - least, isGreedy)
            } else {
                try addLoop(part, isGreedy)
            }
        }
    }

    private mutating func addChoice(_ choices: ArraySlice<RegexNode>) throws(PatternError) {
        guard let first = choices.first else { return }
        guard choices.count > 1 else { return try add(first) }
        let split = instructions.count
        try append(.match)
        try add(first)
        let jump = instructions.count
        try append(.match)
        instructions[split] = .split(split + 1, instructions.count)
        try addChoice(choices.dropFirst())
        instructions[jump] = .jump(instructions.count)
    }

    private mutating func addLoop(_ part: RegexNode, _ isGreedy: Bool) throws(PatternError) {
        let start = instructions.count
        try append(.match)
        try add(part)
        try append(.jump(start))
        let end = instructions.count
        instructions[start] = isGreedy ? .split(start + 1, end) : .split(end, start + 1)
    }

    private mutating func addOptional(_ part: RegexNode, count: Int, _ isGreedy: Bool) throws(PatternError) {
        var splits: [Int] = []
        for _ in 0..<count {
            splits.append(instructions.count)
            try append(.match)
            try add(part)
        }
        let end = instructions.count
        for split in splits { instructions[split] = isGreedy ? .split(split + 1, end) : .split(end, split + 1) }
    }
}

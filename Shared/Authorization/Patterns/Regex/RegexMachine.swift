/// Runs a program over a text, from its start. All ways are followed side by side, so that the time is bounded by the
/// product of the program's and the text's length, whatever the two are.
struct RegexMachine {
    private let program: RegexProgram
    private let text: [Unicode.Scalar]
    private let savesCaptures: Bool
    /// In which step each instruction was last put on a list.
    private var marks: [Int]

    private struct Way {
        let instruction: Int
        var saved: [Int]
    }

    private init(_ program: RegexProgram, _ text: String, savesCaptures: Bool) {
        self.program = program
        self.text = Array(text.unicodeScalars)
        self.savesCaptures = savesCaptures
        marks = [Int](repeating: -1, count: program.instructions.count)
    }

    /// Whether the text begins with what the program describes.
    static func matches(_ program: RegexProgram, _ text: String) -> Bool {
        var machine = RegexMachine(program, text, savesCaptures: false)
        return machine.run() != nil
    }

    /// What the groups matched; nil if the text does not match, and of a group that took no part.
    static func groups(_ program: RegexProgram, _ text: String) -> [String?]? {
        var machine = RegexMachine(program, text, savesCaptures: true)
        guard let saved = machine.run() else { return nil }
        return (1...max(1, program.captures)).prefix(program.captures).map { group in
            let (start, end) = (saved[2 * group], saved[2 * group + 1])
            guard start >= 0, end >= start else { return nil }
            return String(String.UnicodeScalarView(machine.text[start..<end]))
        }
    }

    private mutating func run() -> [Int]? {
        var current: [Way] = []
        let none = savesCaptures ? [Int](repeating: -1, count: 2 * program.captures + 2) : []
        follow(Way(instruction: 0, saved: none), at: 0, into: &current)
        var found: [Int]?
        for position in 0...text.count {
            if current.isEmpty { break }
            var next: [Way] = []
            ways: for way in current {
                switch program.instructions[way.instruction] {
                case .match:
                    found = way.saved
                    if !savesCaptures { return found }
                    // Ways after this one are less wanted.
                    break ways
                case .set(let set):
                    guard position < text.count, set.contains(text[position]) else { continue }
                    follow(Way(instruction: way.instruction + 1, saved: way.saved), at: position + 1, into: &next)
                case .assertion, .split, .jump, .save: continue
                }
            }
            current = next
        }
        return found
    }

    /// Goes on to the next instructions that read the text.
    private mutating func follow(_ first: Way, at position: Int, into ways: inout [Way]) {
        var stack = [first]
        while let way = stack.popLast() {
            guard marks[way.instruction] != position else { continue }
            marks[way.instruction] = position
            switch program.instructions[way.instruction] {
            case .jump(let target): stack.append(Way(instruction: target, saved: way.saved))
            case .split(let first, let second):
                stack.append(Way(instruction: second, saved: way.saved))
                stack.append(Way(instruction: first, saved: way.saved))
            case .save(let slot):
                var saved = way.saved
                if savesCaptures { saved[slot] = position }
                stack.append(Way(instruction: way.instruction + 1, saved: saved))
            case .assertion(let assertion):
                if holds(assertion, at: position) {
                    stack.append(Way(instruction: way.instruction + 1, saved: way.saved))
                }
            case .set, .match: ways.append(way)
            }
        }
    }

    private func holds(_ assertion: RegexAssertion, at position: Int) -> Bool {
        switch assertion {
        case .start: position == 0
        case .end: position == text.count
        case .endOfLine: position == text.count || position == text.count - 1 && text[position] == "\n"
        case .wordBoundary: isWord(position - 1) != isWord(position)
        case .noWordBoundary: isWord(position - 1) == isWord(position)
        }
    }

    private func isWord(_ position: Int) -> Bool {
        text.indices.contains(position) && ScalarSet.isOf(.word, text[position])
    }
}

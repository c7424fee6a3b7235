/// A regular expression as it was written.
indirect enum RegexNode: Sendable {
    case empty
    case set(ScalarSet)
    case assertion(RegexAssertion)
    case group(RegexNode, capture: Int?)
    case sequence([RegexNode])
    /// The first that matches counts.
    case choice([RegexNode])
    case repetition(RegexNode, atLeast: Int, atMost: Int?, isGreedy: Bool)
}

enum RegexAssertion: Hashable, Sendable {
    case start
    /// At the end, or before a line feed at the end.
    case endOfLine
    case end
    case wordBoundary
    case noWordBoundary
}

/// What one place of a text may be.
struct ScalarSet: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        case digit, word, space
    }

    struct Member: Hashable, Sendable {
        let kind: Kind
        let isNegated: Bool
    }

    var ranges: [ClosedRange<UInt32>] = []
    var members: [Member] = []
    var isNegated = false

    static func one(_ scalar: Unicode.Scalar) -> Self { Self(ranges: [scalar.value...scalar.value]) }

    /// Anything but a line feed.
    static let any = Self(ranges: [10...10], isNegated: true)

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        let isMember =
            ranges.contains { $0.contains(scalar.value) }
            || members.contains { Self.isOf($0.kind, scalar) != $0.isNegated }
        return isMember != isNegated
    }

    static func isOf(_ kind: Kind, _ scalar: Unicode.Scalar) -> Bool {
        switch kind {
        case .digit: scalar.properties.generalCategory == .decimalNumber
        case .word: scalar == "_" || scalar.properties.isAlphabetic || scalar.properties.numericType != nil
        case .space: scalar.properties.isWhitespace || (0x1C...0x1F).contains(scalar.value)
        }
    }
}

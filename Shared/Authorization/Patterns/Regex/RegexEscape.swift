/// What follows a backslash.
enum RegexEscape {
    case scalar(Unicode.Scalar)
    case member(ScalarSet.Member)
    case assertion(RegexAssertion)

    /// - Parameter index: behind the backslash; behind the escape afterwards.
    static func parse(
        _ scalars: [Unicode.Scalar], _ index: inout Int, inClass: Bool
    ) throws(PatternError) -> RegexEscape? {
        guard index < scalars.count else { throw PatternError("ends with a backslash") }
        let scalar = scalars[index]
        index += 1
        switch scalar {
        case "d": return .member(.init(kind: .digit, isNegated: false))
        case "D": return .member(.init(kind: .digit, isNegated: true))
        case "w": return .member(.init(kind: .word, isNegated: false))
        case "W": return .member(.init(kind: .word, isNegated: true))
        case "s": return .member(.init(kind: .space, isNegated: false))
        case "S": return .member(.init(kind: .space, isNegated: true))
        case "n": return .scalar("\n")
        case "t": return .scalar("\t")
        case "r": return .scalar("\r")
        case "f": return .scalar("\u{0C}")
        case "v": return .scalar("\u{0B}")
        case "a": return .scalar("\u{07}")
        case "x": return .scalar(try hexadecimal(scalars, &index, count: 2))
        case "u": return .scalar(try hexadecimal(scalars, &index, count: 4))
        case "b": return inClass ? .scalar("\u{08}") : .assertion(.wordBoundary)
        case "B" where !inClass: return .assertion(.noWordBoundary)
        case "A" where !inClass: return .assertion(.start)
        case "Z" where !inClass: return .assertion(.end)
        case "0": return .scalar("\0")
        case "1"..."9": throw PatternError("has a back reference, which is not supported")
        case "a"..."z", "A"..."Z": throw PatternError("has the unknown escape \"\\\(scalar)\"")
        default: return .scalar(scalar)
        }
    }

    private static func hexadecimal(
        _ scalars: [Unicode.Scalar], _ index: inout Int, count: Int
    ) throws(PatternError) -> Unicode.Scalar {
        let digits = String(String.UnicodeScalarView(scalars[index..<min(index + count, scalars.count)]))
        guard digits.utf8.count == count, let value = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(value)
        else {
            throw PatternError("has an escape without its \(count) hexadecimal digits")
        }
        index += count
        return scalar
    }
}

/// Parses what stands between brackets.
enum ClassParser {
    /// - Parameter index: behind the opening bracket; behind the closing one afterwards.
    static func parse(_ scalars: [Unicode.Scalar], _ index: inout Int) throws(PatternError) -> ScalarSet {
        var set = ScalarSet()
        if index < scalars.count, scalars[index] == "^" {
            set.isNegated = true
            index += 1
        }
        let start = index
        while index < scalars.count {
            // A bracket that comes first stands for itself.
            if scalars[index] == "]", index > start {
                index += 1
                return set
            }
            guard let low = try element(scalars, &index, &set) else { continue }
            guard index + 1 < scalars.count, scalars[index] == "-", scalars[index + 1] != "]" else {
                set.ranges.append(low.value...low.value)
                continue
            }
            index += 1
            guard let high = try element(scalars, &index, &set), low.value <= high.value else {
                throw PatternError("has a range whose end is before its begin")
            }
            set.ranges.append(low.value...high.value)
        }
        throw PatternError("has a \"[\" without its \"]\"")
    }

    /// Nil for a kind of characters, which is added.
    private static func element(
        _ scalars: [Unicode.Scalar], _ index: inout Int, _ set: inout ScalarSet
    ) throws(PatternError) -> Unicode.Scalar? {
        let scalar = scalars[index]
        index += 1
        guard scalar == "\\" else { return scalar }
        switch try RegexEscape.parse(scalars, &index, inClass: true) {
        case .scalar(let scalar): return scalar
        case .member(let member):
            set.members.append(member)
            return nil
        case .assertion, nil: return nil
        }
    }
}

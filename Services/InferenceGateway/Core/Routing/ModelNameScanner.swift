/// Finds the value of the top-level member `model` in a JSON object, piece by piece, and stops as soon as it has it.
///
/// The body is not decoded: nested values and other strings are skipped, never built. What lies behind the name is not
/// looked at, so a body that is broken further on is the engine's to refuse. If `model` appears twice the first counts,
/// for routing and admission alike, so a second one cannot lead a request past the token check.
public struct ModelNameScanner: Sendable {
    /// Bytes of a name, decoded. Service names are shorter.
    public static let maximumNameBytes = 256

    public enum Progress: Hashable, Sendable {
        case needsMore
        case found(String)
        case refused(Problem)
    }

    /// Why a body does not name a model.
    public enum Problem: Hashable, Sendable {
        case notAnObject
        case missing
        case notAString
        case empty
        case tooLong
        case malformed
    }

    private enum State: Sendable {
        case beforeObject
        /// Behind `{`: a member or the end.
        case firstMember
        /// Behind a comma: a member.
        case member
        case name(JSONStringCapture)
        case colon
        case value
        case modelName(JSONStringCapture)
        case skippedString(afterBackslash: Bool)
        /// Inside arrays and objects, `depth` of them.
        case nested(depth: Int)
        case nestedString(depth: Int, afterBackslash: Bool)
        /// A number or a literal.
        case scalar
        case afterValue
        case ended(Progress)
    }

    private static let modelMember = "model"

    private var state = State.beforeObject
    /// Whether the member whose value comes next is `model`.
    private var isModel = false

    public init() {}

    /// Takes the next piece of the body. After `found` or `refused` the answer stays.
    public mutating func scan(_ piece: Span<UInt8>) -> Progress {
        var index = 0
        while index < piece.count {
            switch state {
            case .ended(let progress): return progress
            case .name(var capture):
                let step = capture.take(piece, from: &index)
                state = .name(capture)
                endOfName(step, capture)
            case .modelName(var capture):
                let step = capture.take(piece, from: &index)
                state = .modelName(capture)
                endOfModelName(step, capture)
            case .skippedString(let afterBackslash):
                switch skipString(piece, &index, afterBackslash) {
                case .closed: state = .afterValue
                case .open(let afterBackslash): state = .skippedString(afterBackslash: afterBackslash)
                }
            case .nested(let depth): skipNested(piece, &index, depth)
            case .nestedString(let depth, let afterBackslash):
                switch skipString(piece, &index, afterBackslash) {
                case .closed: state = .nested(depth: depth)
                case .open(let afterBackslash): state = .nestedString(depth: depth, afterBackslash: afterBackslash)
                }
            case .beforeObject, .firstMember, .member, .colon, .value, .scalar, .afterValue:
                if piece[index] == UInt8(ascii: "\""), takePlainString(piece, &index) { continue }
                if !isWhitespace(piece[index]) {
                    punctuation(piece[index])
                } else if case .scalar = state {
                    state = .afterValue
                }
                index += 1
            }
        }
        if case .ended(let progress) = state { return progress }
        return .needsMore
    }

    /// The verdict when the body has ended and `scan` still needed more.
    public func problemAtEnd() -> Problem {
        switch state {
        case .beforeObject: .notAnObject
        case .ended(.refused(let problem)): problem
        case .firstMember, .member, .name, .colon, .value, .modelName, .skippedString, .nested, .nestedString, .scalar,
            .afterValue, .ended:
            .malformed
        }
    }

    private mutating func refuse(_ problem: Problem) { state = .ended(.refused(problem)) }

    /// Takes the whole string that begins at `index` if it is all there, plain ASCII and without escapes, which nearly
    /// every name is. Others take the way through `JSONStringCapture`.
    private mutating func takePlainString(_ piece: Span<UInt8>, _ index: inout Int) -> Bool {
        let isName: Bool
        switch state {
        case .firstMember, .member: isName = true
        case .value where isModel: isName = false
        default: return false
        }
        let start = index + 1
        var end = start
        while end < piece.count, piece[end] != UInt8(ascii: "\"") {
            guard piece[end] >= 0x20, piece[end] < 0x80, piece[end] != UInt8(ascii: "\\"),
                end - start < Self.maximumNameBytes
            else { return false }
            end += 1
        }
        guard end < piece.count, isName || end > start else { return false }
        let text = piece.extracting(start..<end)
        if isName {
            isModel = holdsModelMember(text)
            state = .colon
        } else {
            guard let name = try? UTF8Span(validating: text) else { return false }
            state = .ended(.found(String(copying: name)))
        }
        index = end + 1
        return true
    }

    private func holdsModelMember(_ text: Span<UInt8>) -> Bool {
        let member = Self.modelMember.utf8.span
        guard text.count == member.count else { return false }
        for index in 0..<text.count where text[index] != member[index] { return false }
        return true
    }

    /// One byte that is not white space, between strings and nested values.
    private mutating func punctuation(_ byte: UInt8) {
        switch (state, byte) {
        case (.beforeObject, UInt8(ascii: "{")): state = .firstMember
        case (.beforeObject, _): refuse(.notAnObject)
        case (.firstMember, UInt8(ascii: "\"")), (.member, UInt8(ascii: "\"")):
            state = .name(JSONStringCapture(maximumBytes: Self.modelMember.utf8.count))
        case (.colon, UInt8(ascii: ":")): state = .value
        case (.firstMember, UInt8(ascii: "}")), (.afterValue, UInt8(ascii: "}")), (.scalar, UInt8(ascii: "}")):
            refuse(.missing)
        case (.afterValue, UInt8(ascii: ",")), (.scalar, UInt8(ascii: ",")): state = .member
        case (.scalar, UInt8(ascii: "\"")), (.scalar, UInt8(ascii: "{")), (.scalar, UInt8(ascii: "[")),
            (.scalar, UInt8(ascii: ":")):
            refuse(.malformed)
        case (.scalar, _): break
        case (.value, _): beginValue(byte)
        default: refuse(.malformed)
        }
    }

    private mutating func beginValue(_ byte: UInt8) {
        switch (byte, isModel) {
        case (UInt8(ascii: "\""), true): state = .modelName(JSONStringCapture(maximumBytes: Self.maximumNameBytes))
        case (UInt8(ascii: "\""), false): state = .skippedString(afterBackslash: false)
        case (UInt8(ascii: ","), _), (UInt8(ascii: "}"), _), (UInt8(ascii: ":"), _), (UInt8(ascii: "]"), _):
            refuse(.malformed)
        case (_, true): refuse(.notAString)
        case (UInt8(ascii: "{"), false), (UInt8(ascii: "["), false): state = .nested(depth: 1)
        case (_, false): state = .scalar
        }
    }

    private mutating func endOfName(_ step: JSONStringCapture.Step, _ capture: JSONStringCapture) {
        switch step {
        case .needsMore: break
        case .malformed: refuse(.malformed)
        case .closed:
            isModel = !capture.isOverlong && capture.bytes.elementsEqual(Self.modelMember.utf8)
            state = .colon
        }
    }

    private mutating func endOfModelName(_ step: JSONStringCapture.Step, _ capture: JSONStringCapture) {
        switch step {
        case .malformed: refuse(.malformed)
        case .needsMore: if capture.isOverlong { refuse(.tooLong) }
        case .closed:
            guard !capture.isOverlong else { return refuse(.tooLong) }
            guard !capture.bytes.isEmpty else { return refuse(.empty) }
            guard let name = String(validating: capture.bytes, as: UTF8.self) else { return refuse(.malformed) }
            state = .ended(.found(name))
        }
    }

    private enum Skipped {
        case closed
        case open(afterBackslash: Bool)
    }

    private func skipString(_ piece: Span<UInt8>, _ index: inout Int, _ afterBackslash: Bool) -> Skipped {
        var escaped = afterBackslash
        var position = index
        while position < piece.count {
            let byte = piece[position]
            position += 1
            if escaped {
                escaped = false
            } else if byte == UInt8(ascii: "\"") {
                index = position
                return .closed
            } else if byte == UInt8(ascii: "\\") {
                escaped = true
            }
        }
        index = position
        return .open(afterBackslash: escaped)
    }

    /// Only counts brackets: whether they match is for the engine's parser to see.
    private mutating func skipNested(_ piece: Span<UInt8>, _ index: inout Int, _ depth: Int) {
        var depth = depth
        while index < piece.count {
            let byte = piece[index]
            index += 1
            if byte == UInt8(ascii: "\"") {
                state = .nestedString(depth: depth, afterBackslash: false)
                return
            } else if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") {
                depth += 1
            } else if byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") {
                depth -= 1
                if depth == 0 {
                    state = .afterValue
                    return
                }
            }
        }
        state = .nested(depth: depth)
    }

    private func isWhitespace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }
}

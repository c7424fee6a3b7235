/// Finds the field `model` of a form (`multipart/form-data`, RFC 7578), piece by piece, and stops as soon as it has it:
/// that is how audio and images come to OpenAI's API.
///
/// Other parts are skipped, files too, and what lies behind the field is not looked at. If it is there twice the first
/// counts.
public struct FormModelScanner: Sendable {
    /// Bytes of one part's header fields; real ones take a hundred.
    public static let maximumPartHeadBytes = 4096

    private enum State {
        /// In a part's content, or before the first part: of the next delimiter, `matched` bytes have come.
        case content(matched: Int)
        /// Behind a delimiter: hyphens end the form, a line end begins a part.
        case behindDelimiter
        case partHead
        case ended(ModelNameScanner.Progress)
    }

    /// Line end, two hyphens, and the boundary. Its first byte occurs nowhere else in it, so that a mismatch can only
    /// begin anew with the byte at hand.
    private let delimiter: [UInt8]
    /// As if a line end had come before the first delimiter.
    private var state = State.content(matched: 2)
    /// What has come of a line behind a delimiter, or of a part's head.
    private var line: [UInt8] = []
    private var isModel = false
    private var name: [UInt8] = []

    /// - Parameter boundary: of the form, as its content type tells it.
    public init(boundary: FormBoundary) { delimiter = Array("\r\n--".utf8) + boundary.bytes }

    /// Takes the next piece of the body. After `found` or `refused` the answer stays.
    public mutating func scan(_ piece: Span<UInt8>) -> ModelNameScanner.Progress {
        for index in 0..<piece.count {
            let byte = piece[index]
            switch state {
            case .ended(let progress): return progress
            case .content(let matched): content(byte, matched)
            case .behindDelimiter: behindDelimiter(byte)
            case .partHead: partHead(byte)
            }
        }
        if case .ended(let progress) = state { return progress }
        return .needsMore
    }

    /// The verdict when the body has ended and `scan` still needed more.
    public func problemAtEnd() -> ModelNameScanner.Problem {
        if case .ended(.refused(let problem)) = state { return problem }
        return .malformed
    }

    private mutating func content(_ byte: UInt8, _ matched: Int) {
        if byte == delimiter[matched] {
            guard matched + 1 == delimiter.count else {
                state = .content(matched: matched + 1)
                return
            }
            if isModel { endOfModel() } else { state = .behindDelimiter }
            line = []
            return
        }
        // What looked like a delimiter was content.
        if isModel { name.append(contentsOf: delimiter[..<matched]) }
        if byte == delimiter[0] {
            state = .content(matched: 1)
        } else {
            if isModel { name.append(byte) }
            state = .content(matched: 0)
        }
        if name.count > ModelNameScanner.maximumNameBytes { state = .ended(.refused(.tooLong)) }
    }

    private mutating func endOfModel() {
        if name.isEmpty {
            state = .ended(.refused(.empty))
        } else if let name = String(validating: name, as: UTF8.self) {
            state = .ended(.found(name))
        } else {
            state = .ended(.refused(.malformed))
        }
    }

    private mutating func behindDelimiter(_ byte: UInt8) {
        line.append(byte)
        switch line.count {
        case 1 where byte == UInt8(ascii: "-"), 1 where byte == UInt8(ascii: "\r"): break
        case 2 where line == Array("--".utf8): state = .ended(.refused(.missing))
        case 2 where line == Array("\r\n".utf8):
            line = []
            state = .partHead
        default: state = .ended(.refused(.malformed))
        }
    }

    private mutating func partHead(_ byte: UInt8) {
        line.append(byte)
        guard line.count <= Self.maximumPartHeadBytes else {
            state = .ended(.refused(.malformed))
            return
        }
        let isOver = line.count == 2 ? line == Array("\r\n".utf8) : line.suffix(4) == Array("\r\n\r\n".utf8)[...]
        guard isOver else { return }
        isModel = PartHead(line).isField("model")
        line = []
        state = .content(matched: 0)
    }
}

/// The header fields of a form's part.
private struct PartHead {
    private let lines: [Substring]

    init(_ bytes: [UInt8]) {
        // Not by characters: a line end is one of them.
        let text = String(decoding: bytes, as: UTF8.self)
        lines = text.unicodeScalars.split(separator: "\n").map { Substring($0) }
    }

    /// Whether the part is the form's field of this name, and no file.
    func isField(_ name: String) -> Bool {
        guard let disposition = lines.first(where: { $0.lowercased().hasPrefix("content-disposition:") }) else {
            return false
        }
        let parameters = HeaderParameters(disposition.drop { $0 != ":" }.dropFirst())
        return parameters.value == "form-data" && parameters["name"] == name && parameters["filename"] == nil
            && parameters["filename*"] == nil
    }
}

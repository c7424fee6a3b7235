/// What the target of a request asks for, decided on its bytes alone.
///
/// Prefixes are compared as they came: an escape in `/v1` or `/services` makes it something unknown. A path with a
/// dot segment in any spelling (`..`, `%2e%2e`, `..%2f`, `..\`) is refused and never resolved, because the
/// engine behind might resolve it otherwise than the gateway did.
public enum RequestTarget: Hashable, Sendable {
    /// `/v1/models`, or one of them.
    case modelList
    case modelEntry(String)
    /// Any other path below `/v1/`: the body's `model` names the service, and the target stays as it is.
    case openAI
    /// `/v2` and below, the Open Inference Protocol; to an engine the target goes as it stands.
    case openInference(OpenInferenceTarget)
    /// `/services/{name}/…`; `target` is what the engine is asked for: the rest with its query.
    case service(name: String, target: String)
    /// Nothing of ours; the protocol is the one whose prefix it has.
    case unknown(InferenceProtocol?)
    /// Has a dot segment or a broken escape.
    case unsafePath(InferenceProtocol?)

    public init(_ target: String) {
        let bytes = target.utf8.span
        let pathEnd = Self.firstIndex(of: UInt8(ascii: "?"), in: bytes, from: 0) ?? bytes.count
        let inferenceProtocol = Self.inferenceProtocol(bytes, pathEnd)
        guard Self.isSafe(bytes, pathEnd) else {
            self = .unsafePath(inferenceProtocol)
            return
        }
        switch inferenceProtocol {
        case .openAI: self = Self.openAI(bytes, pathEnd)
        case .openInference: self = .openInference(Self.openInference(bytes, pathEnd))
        case .service: self = Self.service(bytes, pathEnd)
        case nil: self = .unknown(nil)
        }
    }

    /// The protocol that a target belongs to by its prefix, whatever is wrong with the rest of it.
    public static func inferenceProtocol(of target: String) -> InferenceProtocol? {
        let bytes = target.utf8.span
        return inferenceProtocol(bytes, firstIndex(of: UInt8(ascii: "?"), in: bytes, from: 0) ?? bytes.count)
    }

    /// By the prefix of the path.
    private static func inferenceProtocol(_ bytes: Span<UInt8>, _ pathEnd: Int) -> InferenceProtocol? {
        if hasPrefix(bytes, "/v1/") || (pathEnd == 3 && hasPrefix(bytes, "/v1")) { return .openAI }
        if hasPrefix(bytes, "/v2/") || (pathEnd == 3 && hasPrefix(bytes, "/v2")) { return .openInference }
        return hasPrefix(bytes, "/services/") ? .service : nil
    }

    private static func openAI(_ bytes: Span<UInt8>, _ pathEnd: Int) -> Self {
        guard hasPrefix(bytes, "/v1/models") else { return pathEnd > "/v1/".utf8.count ? .openAI : .unknown(.openAI) }
        let start = "/v1/models".utf8.count
        if pathEnd == start { return .modelList }
        guard bytes[start] == UInt8(ascii: "/") else { return .openAI }
        guard pathEnd > start + 1 else { return .unknown(.openAI) }
        // What cannot be a name is looked for as it stands, and not found.
        return .modelEntry(decodedName(bytes, start + 1, pathEnd) ?? text(bytes, start + 1, pathEnd))
    }

    private static func openInference(_ bytes: Span<UInt8>, _ pathEnd: Int) -> OpenInferenceTarget {
        // One slash at the end says nothing; a second one makes an empty segment, which is nobody's.
        let isTrailed = pathEnd > "/v2".utf8.count && bytes[pathEnd - 1] == UInt8(ascii: "/")
        let path = text(bytes, "/v2".utf8.count, isTrailed ? pathEnd - 1 : pathEnd)
        let segments = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        return OpenInferenceTarget(Array(segments)) { decodedName($0.utf8.span, 0, $0.utf8.count) }
    }

    private static func service(_ bytes: Span<UInt8>, _ pathEnd: Int) -> Self {
        let start = "/services/".utf8.count
        var nameEnd = start
        while nameEnd < pathEnd, bytes[nameEnd] != UInt8(ascii: "/") { nameEnd += 1 }
        guard let name = decodedName(bytes, start, nameEnd) else { return .unknown(.service) }
        let rest = text(bytes, nameEnd, bytes.count)
        return .service(name: name, target: nameEnd == pathEnd ? "/" + rest : rest)
    }

    /// Nil if it is empty, too long, or not UTF-8.
    private static func decodedName(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> String? {
        guard end > start, end - start <= 3 * ModelNameScanner.maximumNameBytes else { return nil }
        var name: [UInt8] = []
        var index = start
        while index < end {
            if let escaped = escape(bytes, index, end) {
                name.append(escaped)
                index += 3
            } else {
                name.append(bytes[index])
                index += 1
            }
        }
        guard name.count <= ModelNameScanner.maximumNameBytes else { return nil }
        return String(validating: name, as: UTF8.self)
    }

    /// Whether every escape of the path is whole and none is NUL, and no segment of it is `.` or `..` when its
    /// separators are read in every way that an engine might (`/`, `\`, escaped or not).
    private static func isSafe(_ bytes: Span<UInt8>, _ pathEnd: Int) -> Bool {
        var dots = 0
        var others = 0
        var index = 0
        while index < pathEnd {
            var byte = bytes[index]
            index += 1
            if byte == UInt8(ascii: "%") {
                guard let escaped = escape(bytes, index - 1, pathEnd), escaped != 0 else { return false }
                byte = escaped
                index += 2
            }
            switch byte {
            case UInt8(ascii: "/"), UInt8(ascii: "\\"):
                if others == 0, dots == 1 || dots == 2 { return false }
                dots = 0
                others = 0
            case UInt8(ascii: "."): dots += 1
            default: others += 1
            }
        }
        return others > 0 || dots == 0 || dots > 2
    }

    /// The byte that `%XX` at `index` stands for; nil if there is no whole escape.
    private static func escape(_ bytes: Span<UInt8>, _ index: Int, _ end: Int) -> UInt8? {
        guard bytes[index] == UInt8(ascii: "%"), index + 2 < end, let high = hexadecimalValue(bytes[index + 1]),
            let low = hexadecimalValue(bytes[index + 2])
        else { return nil }
        return high << 4 | low
    }

    private static func hasPrefix(_ bytes: Span<UInt8>, _ prefix: String) -> Bool {
        let prefix = prefix.utf8.span
        guard bytes.count >= prefix.count else { return false }
        for index in 0..<prefix.count where bytes[index] != prefix[index] { return false }
        return true
    }

    private static func firstIndex(of byte: UInt8, in bytes: Span<UInt8>, from start: Int) -> Int? {
        var index = start
        while index < bytes.count {
            if bytes[index] == byte { return index }
            index += 1
        }
        return nil
    }

    private static func text(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> String {
        var copy: [UInt8] = []
        copy.reserveCapacity(end - start)
        for index in start..<end { copy.append(bytes[index]) }
        return String(decoding: copy, as: UTF8.self)
    }
}

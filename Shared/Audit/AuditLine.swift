import Cryptography
import Domain
import JSON

/// One line: a JSON object in plain ASCII that ends with the hash of its own bytes before that.
///
///     {"seq":7,"time":"…","event":"change",…,"prev":"<hash of line 6>","hash":"<of everything before ,"hash">"}
struct AuditLine: Hashable {
    private static let hashMember = Array(#","hash":""#.utf8)
    private static let end = Array(#""}"#.utf8)

    let position: AuditPosition
    /// The hash of the line before, as this line says it.
    let previous: String
    /// As `AuditEvent.name`.
    let event: String
    /// The number of the change whose outcome it tells.
    let outcomeOf: Int64?

    var isChange: Bool { event == AuditEvent.change(AuditedRequest()).name }

    /// The line behind `previous`, with its line feed.
    static func write(
        _ event: AuditEvent, at time: Timestamp, after previous: AuditPosition
    ) -> (bytes: [UInt8], position: AuditPosition) {
        let sequence = previous.sequence + 1
        let members =
            [("seq", .integer(sequence)), ("time", .string(time.description)), ("event", .string(event.name))]
            + event.members + [("prev", JSONValue.string(previous.hash))]
        var bytes = ascii(JSONWriter.bytes(.object(JSONObject(members))))
        bytes.removeLast()
        let hash = SHA256.hash(bytes).hex
        bytes += hashMember + Array(hash.utf8) + end
        bytes.append(UInt8(ascii: "\n"))
        return (bytes, AuditPosition(sequence: sequence, hash: hash))
    }

    enum Reading: Hashable {
        case whole(AuditLine)
        /// What is wrong with it, and what it says of itself as far as that can be read.
        case damaged(String, sequence: Int64?, hash: String?)
    }

    /// - Parameter bytes: without the line feed.
    static func read(_ bytes: ArraySlice<UInt8>) -> Reading {
        let tail = bytes.suffix(hashMember.count + AuditPosition.hashLength + end.count)
        let hash = tail.dropFirst(hashMember.count).prefix(AuditPosition.hashLength)
        guard tail.starts(with: hashMember), tail.suffix(end.count).elementsEqual(end), AuditPosition.isHash(hash)
        else { return .damaged("it does not end with a hash", sequence: sequence(in: bytes), hash: nil) }
        let text = String(decoding: hash, as: UTF8.self)
        guard SHA256.hash(bytes.dropLast(tail.count)).hex == text else {
            return .damaged("it is not what was written", sequence: sequence(in: bytes), hash: text)
        }
        guard let document = try? JSONParser.parse(Array(bytes)), let sequence = document["seq"]?.integerValue,
            let previous = document["prev"]?.stringValue, let event = document["event"]?.stringValue
        else { return .damaged("it is no line of an audit log", sequence: nil, hash: text) }
        return .whole(
            AuditLine(
                position: AuditPosition(sequence: sequence, hash: text), previous: previous, event: event,
                outcomeOf: document["of"]?.integerValue))
    }

    /// What a damaged line says of its place, to go on behind it.
    private static func sequence(in bytes: ArraySlice<UInt8>) -> Int64? {
        let start = Array(#"{"seq":"#.utf8)
        guard bytes.starts(with: start) else { return nil }
        let digits = bytes.dropFirst(start.count).prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        return Int64(String(decoding: digits, as: UTF8.self))
    }

    /// The same JSON with every other character escaped: what looks like a letter and is another shows, and no
    /// terminal takes a name for a command. Outside of strings JSON has only ASCII.
    private static func ascii(_ json: [UInt8]) -> [UInt8] {
        guard json.contains(where: { $0 >= 0x80 }) else { return json }
        var bytes: [UInt8] = []
        for unit in String(decoding: json, as: UTF8.self).utf16 {
            if unit < 0x80 {
                bytes.append(UInt8(unit))
            } else {
                let digits = String(unit, radix: 16)
                bytes += Array("\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8)
            }
        }
        return bytes
    }
}

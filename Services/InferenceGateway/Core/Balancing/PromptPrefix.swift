/// Finds the beginning of the prompt in a body of OpenAI's protocol, for services that are balanced by it.
///
/// Of a chat that is everything up to the end of the first message of a user, so that its later turns have the same
/// beginning; of other bodies the begin of `prompt` or `input`. Bytes are taken as they are, without decoding.
public enum PromptPrefix {
    /// Bytes that count. Engines keep what they computed in blocks of some dozen tokens.
    public static let maximumBytes = 1024

    /// - Parameter body: the whole, or as much of its start as is there.
    /// - Returns: nil if there is no prompt in it, or it is no JSON.
    public static func hash(in body: Span<UInt8>) -> UInt64? {
        var index = 0
        guard JSONWalk.next(body, &index) == UInt8(ascii: "{") else { return nil }
        while let byte = JSONWalk.next(body, &index) {
            if byte == UInt8(ascii: ",") { continue }
            guard byte == UInt8(ascii: "\""), let name = JSONWalk.enterMember(body, &index) else { return nil }
            if JSONWalk.isEqual(body, name, "messages\"".utf8.span) {
                return hash(body, index..<endOfFirstUserMessage(body, index))
            }
            let start = index
            let isWhole = JSONWalk.skipValue(body, &index)
            if JSONWalk.isEqual(body, name, "prompt\"".utf8.span) || JSONWalk.isEqual(body, name, "input\"".utf8.span) {
                return hash(body, start..<min(index, body.count))
            }
            guard isWhole else { return nil }
        }
        return nil
    }

    /// The end of all messages if none is a user's, or as far as can be told.
    private static func endOfFirstUserMessage(_ body: Span<UInt8>, _ start: Int) -> Int {
        var index = start + 1
        while let byte = JSONWalk.next(body, &index) {
            if byte == UInt8(ascii: ",") { continue }
            guard byte == UInt8(ascii: "{") else { break }
            guard let isOfUser = skipMessage(body, &index) else { return body.count }
            if isOfUser { return index }
        }
        return min(index, body.count)
    }

    /// From behind a message's opening bracket to behind its closing one.
    /// - Returns: whether its role is `user`; nil if the text ends before it does, or is no JSON.
    private static func skipMessage(_ body: Span<UInt8>, _ index: inout Int) -> Bool? {
        var isOfUser = false
        while let byte = JSONWalk.next(body, &index) {
            if byte == UInt8(ascii: "}") { return isOfUser }
            if byte == UInt8(ascii: ",") { continue }
            guard byte == UInt8(ascii: "\""), let name = JSONWalk.enterMember(body, &index) else { return nil }
            if JSONWalk.isEqual(body, name, "role\"".utf8.span) {
                isOfUser = JSONWalk.isEqual(body, index, "\"user\"".utf8.span)
            }
            guard JSONWalk.skipValue(body, &index) else { return nil }
        }
        return nil
    }

    /// FNV-1a.
    private static func hash(_ bytes: Span<UInt8>, _ range: Range<Int>) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for index in range.prefix(maximumBytes) { hash = (hash ^ UInt64(bytes[index])) &* 0x0000_0100_0000_01B3 }
        return hash
    }
}

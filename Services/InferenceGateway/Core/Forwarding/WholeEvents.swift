/// Cuts what comes of an event stream between events: an event ends with an empty line, whatever its line ends are.
public struct WholeEvents: Sendable {
    private let maximumHeldBytes: Int
    /// The beginning of an event whose end has not come.
    private var held: [UInt8] = []
    /// The last eight bytes that were passed on, the very last in the lowest byte; at first as if an event had just
    /// ended.
    private var tail: UInt64 = 0x0A0A

    public init(maximumHeldBytes: Int) { self.maximumHeldBytes = maximumHeldBytes }

    /// - Returns: what may go on, untouched if it ends where an event does; nil if nothing may.
    public mutating func pass(_ piece: [UInt8]) -> [UInt8]? {
        if held.isEmpty {
            let end = tail(after: piece)
            if Self.isEndOfEvent(end) {
                tail = end
                return piece
            }
        }
        let known = held.count
        held.append(contentsOf: piece)
        let end = endOfLastEvent(behind: known) ?? (held.count > maximumHeldBytes ? held.count : 0)
        guard end > 0 else { return nil }
        let whole = Array(held[..<end])
        held.removeFirst(end)
        tail = tail(after: whole)
        return whole
    }

    /// The beginning of an event that was never ended; nil if there is none.
    public mutating func takeRest() -> [UInt8]? {
        guard !held.isEmpty else { return nil }
        defer { held = [] }
        return held
    }

    /// What was passed on ends where an event does, and not with the last event of all.
    public var mayBeFollowed: Bool {
        // `[DONE]` and an empty line.
        if tail == 0x5B44_4F4E_455D_0A0A || tail == 0x4F4E_455D_0D0A_0D0A { return false }
        return Self.isEndOfEvent(tail)
    }

    private static func isEndOfEvent(_ tail: UInt64) -> Bool {
        tail & 0xFFFF == 0x0A0A || tail & 0xFFFF_FFFF == 0x0D0A_0D0A || tail & 0xFFFF == 0x0D0D
    }

    private func tail(after bytes: [UInt8]) -> UInt64 {
        var tail = tail
        for byte in bytes.suffix(8) { tail = tail << 8 | UInt64(byte) }
        return tail
    }

    /// - Parameter known: so many of the held bytes hold no end.
    private func endOfLastEvent(behind known: Int) -> Int? {
        var index = held.count
        while index > known {
            let line = held[index - 1]
            if line == UInt8(ascii: "\n") || line == UInt8(ascii: "\r"), Self.isEndOfEvent(window(before: index)) {
                return index
            }
            index -= 1
        }
        return nil
    }

    /// The four bytes before `index`; those before what is held are those that were passed on last.
    private func window(before index: Int) -> UInt64 {
        var window = tail
        for byte in held[max(0, index - 4)..<index] { window = window << 8 | UInt64(byte) }
        return window
    }
}

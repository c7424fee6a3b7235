import EventLoop
import HTTP

/// The Date field for the responses of this second, written once.
final class DateField {
    private static let lifetime = LoopDuration(.seconds(1))

    private let timeOfDay: (@Sendable () -> Int64)?
    private var line: [UInt8] = []
    private var expires = LoopInstant(nanoseconds: 0)

    init(_ timeOfDay: (@Sendable () -> Int64)?) { self.timeOfDay = timeOfDay }

    func write(to bytes: inout [UInt8], at now: LoopInstant) {
        guard let timeOfDay else { return }
        if expires <= now {
            expires = now + Self.lifetime
            line = Array("Date: \(HTTPDate.text(secondsSinceEpoch: timeOfDay()))\r\n".utf8)
        }
        bytes.append(contentsOf: line)
    }
}

import Testing

@testable import HTTP

@Suite struct KnownTextTests {
    private static let longest = "x-names-of-many-parts-1"

    @Test(arguments: 1...longest.utf8.count)
    func findsATextOfAnyLengthInEitherCase(_ count: Int) {
        let text = String(Self.longest.prefix(count))
        for received in [text, text.uppercased()] {
            let bytes = Array(("a: " + received + "\r\n").utf8)
            #expect(isHeld(text, in: bytes, at: 3..<3 + count))
            #expect(!isHeld(text, in: bytes, at: 3..<2 + count))
        }
    }

    @Test(arguments: 1...longest.utf8.count)
    func noByteMayBeAnother(_ count: Int) {
        let text = String(Self.longest.prefix(count))
        for index in 0..<count {
            var bytes = Array(text.utf8)
            bytes[index] = UInt8(ascii: "_")
            #expect(!isHeld(text, in: bytes, at: 0..<count))
        }
    }

    private func isHeld(_ text: String, in bytes: [UInt8], at range: Range<Int>) -> Bool {
        equals(bytes.span, range, text)
    }
}

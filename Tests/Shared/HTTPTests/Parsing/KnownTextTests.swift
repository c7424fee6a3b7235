import Testing

@testable import HTTP

@Suite struct KnownTextTests {
    /// Shorter than a word, around one and two of them, and longer.
    private static let texts: [StaticString] = [
        "x", "x-", "x-n", "x-name", "x-names", "x-names-", "x-names-o", "x-names-of-many", "x-names-of-many-",
        "x-names-of-many-p", "x-names-of-many-parts-1",
    ]

    @Test(arguments: texts)
    func findsATextOfAnyLengthInEitherCase(_ text: StaticString) {
        let count = text.utf8CodeUnitCount
        for received in ["\(text)", "\(text)".uppercased()] {
            let bytes = Array(("a: " + received + "\r\n").utf8)
            #expect(isHeld(text, in: bytes, at: 3..<3 + count))
            #expect(!isHeld(text, in: bytes, at: 3..<2 + count))
        }
    }

    @Test(arguments: texts)
    func noByteMayBeAnother(_ text: StaticString) {
        for index in 0..<text.utf8CodeUnitCount {
            var bytes = Array("\(text)".utf8)
            bytes[index] = UInt8(ascii: "_")
            #expect(!isHeld(text, in: bytes, at: bytes.indices))
        }
    }

    private func isHeld(_ text: StaticString, in bytes: [UInt8], at range: Range<Int>) -> Bool {
        equals(bytes.span, range, text)
    }
}

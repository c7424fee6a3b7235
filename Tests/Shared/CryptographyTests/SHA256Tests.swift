import Cryptography
import Testing

@Suite struct SHA256Tests {
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func hashesThePublishedVectors(text: String, expected: String) {
        #expect(SHA256.hash(text).hex == expected)
    }

    @Test func makesTheSameInWordsFromManyThreads() async {
        await withTaskGroup { tasks in
            for task in 0..<8 {
                tasks.addTask {
                    for count in 0..<200 {
                        let bytes = [UInt8](repeating: UInt8(task), count: count)
                        let words = SHA256.words(bytes.span)
                        var made: [UInt8] = []
                        for word in [words.0, words.1, words.2, words.3] {
                            withUnsafeBytes(of: word.bigEndian) { made.append(contentsOf: $0) }
                        }
                        #expect(made == SHA256.hash(bytes).bytes)
                    }
                }
            }
        }
    }

    @Test func hashesAMillionBytesFedInUnevenPieces() {
        var hasher = SHA256()
        var left = 1_000_000
        var size = 1
        while left > 0 {
            let piece = min(size, left)
            hasher.update([UInt8](repeating: UInt8(ascii: "a"), count: piece))
            left -= piece
            size = size * 3 % 7001 + 1
        }
        #expect(hasher.finish().hex == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    @Test func hashesWhatIsNotContiguousInMemory() {
        let reversed = Array("cba".utf8).reversed() as ReversedCollection<[UInt8]>
        #expect(SHA256.hash(reversed) == SHA256.hash("abc"))
    }

    @Test func readsADigestInEitherCaseAndRefusesOtherLengths() {
        let digest = SHA256.hash("abc")
        #expect(SHA256Digest(hex: digest.hex.uppercased()) == digest)
        #expect(SHA256Digest(hex: String(digest.hex.dropLast(2))) == nil)
        #expect(SHA256Digest(hex: digest.hex + "00") == nil)
        #expect(SHA256Digest(hex: "zz" + digest.hex.dropFirst(2)) == nil)
    }
}

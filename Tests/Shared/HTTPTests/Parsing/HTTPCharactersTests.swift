import Testing

@testable import HTTP

@Suite struct HTTPCharactersTests {
    private static let alphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

    @Test func classesAreThoseOfTheStandards() {
        let token = Set((Self.alphanumeric + "!#$%&'*+-.^_`|~").utf8)
        let target = Set((Self.alphanumeric + "-._~!$&'()*+,;=:@/?%[]").utf8)
        let authority = Set((Self.alphanumeric + "-._~:[]%").utf8)
        for byte in UInt8.min...UInt8.max {
            #expect(HTTPCharacters.isToken(byte) == token.contains(byte), "\(byte)")
            #expect(HTTPCharacters.isTarget(byte) == target.contains(byte), "\(byte)")
            #expect(HTTPCharacters.isAuthority(byte) == authority.contains(byte), "\(byte)")
            #expect(HTTPCharacters.hexValue(byte) == Int(String(UnicodeScalar(byte)), radix: 16), "\(byte)")
        }
    }
}

extension HTTPCharactersTests {
    /// Eight bytes at a time must come to the same as one by one, for every byte in every place.
    @Test func findsTheEndOfAValueInEveryPlace() {
        for place in 0..<20 {
            for byte in UInt8.min...UInt8.max {
                var bytes = [UInt8](repeating: UInt8(ascii: "a"), count: 20)
                bytes[place] = byte
                let expected = bytes.firstIndex { !HTTPCharacters.isFieldValue($0) } ?? bytes.count
                #expect(HTTPCharacters.endOfFieldValue(bytes.span, from: 0) == expected, "\(byte) at \(place)")
            }
        }
    }

    @Test func findsTheEndOfATokenWhereverItLies() {
        for byte in UInt8.min...UInt8.max {
            for place in 0..<20 {
                for filler in "aZm-" {
                    var bytes = [UInt8](repeating: filler.asciiValue ?? 0, count: 20)
                    bytes[place] = byte
                    let expected = bytes.firstIndex { !HTTPCharacters.isToken($0) } ?? bytes.count
                    #expect(HTTPCharacters.endOfToken(bytes.span, from: 0) == expected, "\(byte) at \(place)")
                }
            }
        }
    }

    @Test func allowsInValuesWhatTheStandardAllows() {
        for byte in UInt8.min...UInt8.max {
            let isAllowed = byte == 9 || (0x20...0x7E).contains(byte) || byte >= 0x80
            #expect(HTTPCharacters.isFieldValue(byte) == isAllowed, "\(byte)")
        }
    }
}

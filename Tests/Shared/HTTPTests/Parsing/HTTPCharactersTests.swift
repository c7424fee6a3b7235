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

import Domain
import TestSupport
import Testing

@testable import ModelServing

@Suite struct SecureTokenMintTests {
    private let mint = SecureTokenMint(secret: "of tests")
    private let ids = IdentifierSource()

    /// So that a text which was revoked does not come back when the first request is forgotten.
    @Test func aTextBelongsToATokenAndAnIdempotencyKey() {
        let (first, second) = (EndpointTokenID(ids.next()), EndpointTokenID(ids.next()))
        let key = IdempotencyKey(digest: "of a key", fingerprint: "of a body")
        let text = mint.mint(first, for: key).text
        #expect(mint.mint(first, for: key).text == text)
        #expect(mint.mint(second, for: key).text != text)
        #expect(mint.mint(first, for: IdempotencyKey(digest: "of another", fingerprint: "of a body")).text != text)
        #expect(SecureTokenMint(secret: "another").mint(first, for: key).text != text)
        #expect(mint.mint(first, for: nil).text != mint.mint(first, for: nil).text)
    }
}

import Testing

@testable import InferenceGatewayCore

@Suite struct DigestCacheTests {
    @Test func tellsTokensApart() throws {
        let cache = DigestCache()
        let digest = try #require(TokenDigest(0..<32))
        cache.remember(Array("token-one".utf8)[...], digest)
        #expect(cache[Array("xxtoken-one".utf8)[2...]] == digest)
        #expect(cache[Array("token-two".utf8)[...]] == nil)
        #expect(cache[Array("token-on".utf8)[...]] == nil)
        #expect(cache[[]] == nil)
    }

    @Test func isBounded() throws {
        let cache = DigestCache()
        let digest = try #require(TokenDigest(0..<32))
        for number in 0...DigestCache.maximumEntries { cache.remember(Array("\(number)".utf8)[...], digest) }
        #expect(cache.count == 1)
    }
}

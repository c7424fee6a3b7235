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

    @Test func aGoodTokenThatWasPushedOutIsRememberedAgain() throws {
        let cache = DigestCache()
        let tokens = (0..<4 * DigestCache.slots).map { Array("token-\($0)".utf8)[...] }
        let digests = try tokens.map { token in try #require(TokenDigest((0..<32).map { token[$0 % token.count] })) }
        for (token, digest) in zip(tokens, digests) { cache.remember(token, digest) }
        let known = zip(tokens, digests).filter { cache[$0.0] != nil }
        #expect(known.allSatisfy { cache[$0.0] == $0.1 })
        #expect((DigestCache.slots / 2...DigestCache.slots).contains(known.count))
        cache.remember(tokens[0], digests[0])
        #expect(cache[tokens[0]] == digests[0])
    }
}

import Contracts
import Domain
import InferenceGatewayCore
import Testing

@testable import InferenceGateway

@Suite struct RouteTableDocumentTests {
    @Test func takesOverWhatTheDocumentSays() throws {
        let hash = String(repeating: "ab", count: 32)
        let document: [RouteDocument] = [.sample("chat", url: "https://[::1]:9443", sha256: hash)]
        let (entries, problems) = RouteTable.Entry.entries(of: document)
        #expect(problems.isEmpty)
        let entry = try #require(entries.first)
        #expect(entry.name == "chat")
        #expect(!entry.isPublic)
        #expect(entry.tokens.mapValues(\.expiry) == [try #require(TokenDigest(hexadecimal: hash)): .never])
        #expect(entry.instances.map(\.address) == [UpstreamAddress(isTLS: true, host: "::1", port: 9443)])
        #expect(entry.instances.map(\.revision) == [2])
    }

    @Test func aBadRecordIsLeftOutAndTheRestServes() {
        let document: [RouteDocument] = [
            .sample("bad-url", url: "http://host/with?query"), .sample("bad-hash", sha256: "xyz"), .sample("good"),
        ]
        let (entries, problems) = RouteTable.Entry.entries(of: document)
        #expect(entries.map(\.name) == ["bad-url", "bad-hash", "good"])
        #expect(entries.map(\.instances.count) == [0, 1, 1])
        #expect(entries[1].tokens.isEmpty)
        #expect(!entries[1].isPublic)
        #expect(problems.count == 2)
    }

    @Test func aPathStandsBeforeThoseOfRequests() {
        let address = UpstreamAddress(url: "https://[::1]:8000/a/b/")
        #expect(address == UpstreamAddress(isTLS: true, host: "::1", port: 8000, pathPrefix: "/a/b"))
        #expect(UpstreamAddress(url: "http://ray/a%2Fb") == nil)
    }

    @Test func trafficIsTakenOverWithinItsBounds() throws {
        let sample = RouteDocument.sample("chat")
        func traffic(_ traffic: RouteTraffic?) throws -> RouteTable.Entry.Traffic {
            let document = RouteDocument(
                serviceID: sample.serviceID, name: "chat", visibility: .public, tokens: [],
                upstreams: sample.upstreams, traffic: traffic)
            return try #require(RouteTable.Entry.entries(of: [document]).entries.first).traffic
        }
        #expect(try traffic(nil) == RouteTable.Entry.Traffic())
        let taken = try traffic(
            RouteTraffic(
                balancing: .prefixAffinity,
                weights: [.init(revision: 1, percent: 90), .init(revision: 2, percent: 400)],
                flowControl: .init(concurrency: 0, queueLength: 7, queueSeconds: 3)))
        #expect(taken.hasPrefixAffinity)
        #expect(taken.percents == [1: 90, 2: 100])
        #expect(taken.concurrency == 1)
        #expect(taken.queue == QueueLimits(length: 7, wait: .seconds(3)))
    }

    @Test func numbersOfADocumentThatNobodyCanMeanDoNoHarm() throws {
        let sample = RouteDocument.sample("chat")
        let hash = String(repeating: "ab", count: 32)
        for number in [Int.min, Int.max] {
            let weights = (0..<5).map { RouteTraffic.Weight(revision: $0, percent: number) }
            let document = RouteDocument(
                serviceID: sample.serviceID, name: "chat", visibility: .private,
                tokens: [
                    .init(
                        id: EndpointTokenID(UUIDv7(high: 1, low: 1)), sha256: hash, expiresAt: nil,
                        requestsPerMinute: number, tokensPerMinute: number)
                ], upstreams: sample.upstreams,
                traffic: RouteTraffic(
                    balancing: nil, weights: weights,
                    flowControl: .init(concurrency: number, queueLength: number, queueSeconds: number)))
            let entry = try #require(RouteTable.Entry.entries(of: [document]).entries.first)
            #expect(
                (1...TokenBudget.Limits.maximumPerMinute).contains(
                    entry.tokens.values.first?.limits?.tokensPerMinute ?? 0))
            #expect((0...QueueLimits.maximumLength).contains(entry.traffic.queue.length))
            #expect((.seconds(1)...QueueLimits.maximumWait).contains(entry.traffic.queue.wait))
        }
    }
}

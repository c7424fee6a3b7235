import HTTP
import InferenceGatewayCore
import Testing

@testable import InferenceGateway

/// A token that was made after the routes in force.
@Suite(.timeLimit(.minutes(1))) struct FreshTokenTests {
    private static let body = #"{"model": "closed", "stream": true}"#

    enum Way: CaseIterable {
        case openAI, openAIInPieces, service, modelEntry
    }

    private let gateway = GatewayFixture()

    private func ask(_ way: Way, token: String = "fresh") async -> HTTPResponse {
        let fields: HTTPFields = ["Authorization": "Bearer \(token)"]
        switch way {
        case .openAI: return await gateway.send(.post, "/v1/chat/completions", fields, body: HTTPBody(Self.body))
        case .openAIInPieces:
            let stream = PieceStream([String(Self.body.prefix(12)), String(Self.body.dropFirst(12))])
            return await gateway.send(.post, "/v1/chat/completions", fields, body: .stream(stream, length: nil))
        case .service: return await gateway.send(.get, "/services/closed/x", fields)
        case .modelEntry: return await gateway.send(.get, "/v1/models/closed", fields)
        }
    }

    private func untilWaiting(_ count: Int) async { while gateway.polls.waitingCount < count { await Task.yield() } }

    @Test(arguments: Way.allCases)
    func worksOnItsFirstUse(way: Way) async {
        gateway.polls.start()
        gateway.polls.begin()
        async let response = ask(way)
        await untilWaiting(1)
        // This poll had begun before the request came, and may have missed the token.
        gateway.polls.end()
        #expect(gateway.polls.waitingCount == 1)
        gateway.polls.begin()
        gateway.routes.replace(with: [
            GatewayFixture.entry("closed", isPublic: false, tokens: ["fresh": .never], instances: [2])
        ])
        gateway.polls.end()
        #expect(await response.status == .ok)
    }

    /// A private service comes into the routes with its first token.
    @Test func worksOnItsFirstUseForAServiceThatNobodyCouldUseBefore() async {
        gateway.polls.start()
        async let response = gateway.send(.get, "/services/new/x", ["Authorization": "Bearer fresh"])
        await untilWaiting(1)
        gateway.polls.begin()
        gateway.routes.replace(with: [
            GatewayFixture.entry("new", isPublic: false, tokens: ["fresh": .never], instances: [2])
        ])
        gateway.polls.end()
        #expect(await response.status == .ok)
    }

    @Test(arguments: Way.allCases)
    func isRefusedWhenTheNextRoutesDoNotKnowItEither(way: Way) async {
        gateway.polls.start()
        async let response = ask(way, token: "guessed")
        await untilWaiting(1)
        gateway.polls.begin()
        gateway.polls.end()
        #expect(await response.status == .unauthorized)
        #expect(gateway.transport.requests.isEmpty)
    }

    @Test func isNotWaitedForByMoreThanALimitedNumber() async {
        gateway.polls.start()
        await withTaskGroup(of: HTTPStatus.self) { group in
            for _ in 0..<RoutePolls.maximumWaiting { group.addTask { await ask(.service, token: "guessed").status } }
            await untilWaiting(RoutePolls.maximumWaiting)
            #expect(await ask(.service, token: "guessed").status == .unauthorized)
            #expect(gateway.polls.waitingCount == RoutePolls.maximumWaiting)
            gateway.polls.stop()
            for await status in group { #expect(status == .unauthorized) }
        }
    }

    @Test func isWaitedForOnlyWhileSomebodyAsksForRoutesAndNotForLong() async {
        #expect(await ask(.service).status == .unauthorized)
        gateway.polls.start()
        #expect(await ask(.service).status == .unauthorized)
    }

    @Test func nothingElseWaits() async {
        gateway.polls.start()
        let none = await gateway.send(.get, "/services/closed/x")
        let unusable = await gateway.send(.get, "/services/closed/x", ["Authorization": "Basic good"])
        #expect(none.status == .unauthorized && unusable.status == .unauthorized)
        for token in ["foreign", "late", "good"] { _ = await ask(.service, token: token) }
        #expect(await gateway.send(.get, "/services/nobody/x").status == .notFound)
        #expect(await gateway.send(.get, "/services/nobody/x", ["Authorization": "Bearer good"]).status == .notFound)
        #expect(gateway.polls.waitingCount == 0)
    }
}

import Domain
import Synchronization
import TestSupport
import Testing

@testable import Authentication

@Suite(.timeLimit(.minutes(2))) struct KeyRingTests {
    private static let times = KeyRefreshTimes(
        interval: .seconds(300), pause: .seconds(10), overlap: .seconds(60), lifetime: .seconds(3600))

    let time = ManualTime()
    let source = ScriptedKeys(TestIssuer.keySet("old"))
    let ring: KeyRing
    let authentication: JWTAuthentication

    init() {
        let time = time
        ring = KeyRing(source, times: Self.times, now: { time.now })
        authentication = JWTAuthentication(TestIssuer.rules, keys: ring, now: { time.now })
    }

    private func isGood(_ name: String) async -> Bool {
        do throws(ServiceError) {
            return try await authentication.identity(of: TestIssuer.token(by: name)).subject == "alice"
        } catch {
            #expect(error == .unauthenticated("The token was signed by a key that is not known."))
            return false
        }
    }

    @Test func asksOnceForManyTokens() async {
        for _ in 0..<100 { #expect(await isGood("old")) }
        #expect(source.loads == 1)
    }

    @Test func asksAgainWhenTheKeysAreOld() async {
        #expect(await isGood("old"))
        time.advance(by: .seconds(299))
        #expect(await isGood("old"))
        #expect(source.loads == 1)
        time.advance(by: .seconds(1))
        #expect(await isGood("old"))
        #expect(source.loads == 2)
    }

    @Test func learnsOfANewKeyByItsFirstTokenAndKeepsTheOldOneForAWhile() async {
        #expect(await isGood("old"))
        source.become(TestIssuer.keySet("new"))
        time.advance(by: .seconds(10))
        #expect(await isGood("new"))
        #expect(await isGood("old"), "its overlap has begun")
        time.advance(by: .seconds(59))
        #expect(await isGood("old"))
        time.advance(by: .seconds(1))
        #expect(await isGood("new"))
        #expect(await !isGood("old"))
    }

    @Test func aKeyThatIsReplacedUnderItsNameIsGoneAtOnce() async throws {
        #expect(await isGood("old"))
        let stolen = TestIssuer.token(by: "old")
        source.become(
            Array(#"{"keys":[{"kty":"oct","kid":"old","k":"\#(String(repeating: "A", count: 43))"}]}"#.utf8))
        time.advance(by: .seconds(300))
        await #expect(throws: ServiceError.unauthenticated("The token has a wrong signature.")) {
            try await authentication.identity(of: stolen)
        }
    }

    @Test func aKeyWithoutOverlapIsGoneAtOnce() async {
        var times = Self.times
        times.overlap = .zero
        let ring = KeyRing(source, times: times, now: { [time] in time.now })
        let authentication = JWTAuthentication(TestIssuer.rules, keys: ring, now: { [time] in time.now })
        _ = try? await authentication.identity(of: TestIssuer.token(by: "old"))
        source.become(TestIssuer.keySet("new"))
        time.advance(by: .seconds(300))
        await #expect(throws: ServiceError.self) { try await authentication.identity(of: TestIssuer.token(by: "old")) }
    }

    @Test func aStormOfUnknownKeysAsksOnceInAWhile() async {
        #expect(await isGood("old"))
        for round in 1...5 {
            time.advance(by: .seconds(10))
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<200 {
                    group.addTask { #expect(await !isGood("nobody-\(round)-\(number)")) }
                }
            }
            #expect(source.loads == 1 + round)
        }
    }

    @Test func whatIsNoTokenAsksForNothing() async {
        for text in ["", "a.b", "a.b.c", "...", String(repeating: "a", count: 100_000)] {
            await #expect(throws: ServiceError.self) { try await authentication.identity(of: text) }
        }
        #expect(source.loads == 0)
    }

    @Test func whoeverNeedsTheKeysWaitsForTheSameAttempt() async {
        let gate = Gate()
        let slow = ScriptedKeys(TestIssuer.keySet("old"), gate: gate)
        let ring = KeyRing(slow, times: Self.times, now: { [time] in time.now })
        let waiting = (0..<20).map { _ in Task { try await ring.keySets().count } }
        while slow.loads == 0 { await Task.yield() }
        await gate.open()
        for task in waiting { #expect((try? await task.value) == 1) }
        #expect(slow.loads == 1)
    }

    @Test func goesOnWithTheOldKeysWhileTheIssuerIsAway() async throws {
        #expect(await isGood("old"))
        source.fail(KeySetFailure("it is away"))
        time.advance(by: .seconds(300))
        #expect(await isGood("old"))
        time.advance(by: .seconds(3299))
        #expect(await isGood("old"))
        time.advance(by: .seconds(2))
        await #expect {
            try await authentication.identity(of: TestIssuer.token(by: "old"))
        } throws: { error in
            guard case .unavailable("token_keys_unavailable", _, _) = error as? ServiceError else { return false }
            return true
        }
    }

    @Test func comesBackWithTheIssuer() async {
        source.fail(KeySetFailure("it is away"))
        await #expect(throws: KeySetFailure.self) { try await ring.keySets() }
        source.become(TestIssuer.keySet("old"))
        time.advance(by: .seconds(10))
        #expect(await isGood("old"))
    }

    @Test func whoHasKeysDoesNotWaitForWhatMayFailAgain() async throws {
        #expect(await isGood("old"))
        source.fail(KeySetFailure("it is away"))
        time.advance(by: .seconds(300))
        #expect(await isGood("old"))
        source.become(TestIssuer.keySet("new"))
        time.advance(by: .seconds(10))
        #expect(await isGood("old"))
        // The attempt that nobody waited for brings the new keys.
        while try await ring.keySets().first?.keys.first?.id != "new" { await Task.yield() }
        #expect(source.loads == 3)
    }

    @Test func aFailureIsAskedAboutOnceInAWhile() async {
        source.fail(KeySetFailure("it is away"))
        for _ in 0..<50 {
            await #expect(throws: KeySetFailure("it is away")) { try await ring.keySets() }
        }
        #expect(source.loads == 1)
        time.advance(by: .seconds(10))
        await #expect(throws: KeySetFailure.self) { try await ring.keySets() }
        #expect(source.loads == 2)
    }

    @Test func tellsOfEachFailureOnceAndOfItsEnd() async throws {
        let events = Mutex<[KeyRing.Event]>([])
        let ring = KeyRing(
            source, times: Self.times, now: { [time] in time.now },
            report: { event in events.withLock { $0.append(event) } })
        func look() async {
            time.advance(by: .seconds(300))
            _ = try? await ring.keySets(whileMissingOne: true)
        }
        await look()
        await look()
        source.fail(KeySetFailure("a"))
        await look()
        await look()
        source.fail(KeySetFailure("b"))
        await look()
        source.become(TestIssuer.keySet("old", "new"))
        await look()
        #expect(
            events.withLock { $0 } == [
                .loaded(keys: 1, haveSecrets: true), .failed(KeySetFailure("a")), .failed(KeySetFailure("b")),
                .loaded(keys: 2, haveSecrets: true),
            ])
    }

    @Test func aClockThatIsSetBackDoesNotKeepOldKeysForEver() async {
        #expect(await isGood("old"))
        source.become(TestIssuer.keySet("new"))
        time.advance(by: .seconds(-100_000))
        #expect(await isGood("new"))
    }
}

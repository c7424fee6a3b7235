import Domain
import InferenceGatewayCore
import Testing

@Suite struct UsageLedgerTests {
    private static func id(_ number: UInt64) -> ModelServiceInstanceID {
        ModelServiceInstanceID(UUIDv7(high: 1, low: number))
    }

    private static func counts(_ requests: [UInt64: Int64]) -> UsageLedger.Counts {
        Dictionary(
            uniqueKeysWithValues: requests.map { number, requests in
                var counts = UsageCounts()
                counts.requests = requests
                return (id(number), counts)
            })
    }

    @Test func mergesWhatWaitsByInstance() {
        var ledger = UsageLedger(incarnation: "a")
        ledger.apply(.counted(Self.counts([1: 1, 2: 1])))
        ledger.apply(.counted(Self.counts([1: 2])))
        #expect(ledger.waiting == Self.counts([1: 3, 2: 1]))
        #expect(ledger.unreportedRequests == 4)
    }

    @Test func aBatchKeepsItsNumberAndContentUntilItIsTaken() throws {
        var ledger = UsageLedger(incarnation: "a")
        ledger.apply(.counted(Self.counts([1: 1, 2: 1, 3: 1])))
        let first = try #require(ledger.nextBatch(maximumInstances: 2))
        #expect(first == .init(sequence: 1, counts: Self.counts([1: 1, 2: 1])))
        ledger.apply(.batched(first))
        ledger.apply(.counted(Self.counts([1: 5])))
        #expect(ledger.underway == first && ledger.nextBatch(maximumInstances: 2) == nil)
        #expect(ledger.waiting == Self.counts([1: 5, 3: 1]))
        ledger.apply(.settled(sequence: 7))
        #expect(ledger.underway == first, "that was another")
        ledger.apply(.settled(sequence: 1))
        #expect(ledger.nextBatch(maximumInstances: 2) == .init(sequence: 2, counts: Self.counts([1: 5, 3: 1])))
    }

    /// A ModelServing that takes each number once, and whose answers are lost now and then, ends with every request.
    @Test(arguments: 0..<50 as Range<UInt64>)
    func nothingIsLostAndNothingCountsTwice(seed: UInt64) throws {
        let random = SharedNumberGenerator(seed: seed)
        var ledger = UsageLedger(incarnation: "a")
        var (taken, sequence, counted) = (Int64(0), Int64(0), Int64(0))
        for _ in 0..<200 {
            if random.next() % 2 == 0 {
                ledger.apply(.counted(Self.counts([random.next() % 5: 1])))
                counted += 1
            }
            if let batch = ledger.nextBatch(maximumInstances: 3), random.next() % 2 == 0 {
                ledger.apply(.batched(batch))
            }
            if let batch = ledger.underway, random.next() % 2 == 0 {
                if batch.sequence > sequence {
                    taken += batch.counts.values.reduce(0) { $0 + $1.requests }
                    sequence = batch.sequence
                }
                if random.next() % 2 == 0 { ledger.apply(.settled(sequence: batch.sequence)) }
            }
            let underway = ledger.underway.map { $0.sequence > sequence } ?? true
            let known = ledger.underway?.counts.values.reduce(0) { $0 + $1.requests } ?? 0
            #expect(taken + ledger.unreportedRequests - (underway ? 0 : known) == counted)
        }
    }

    @Test func theInboxTellsEachRequestOnce() {
        let inbox = UsageInbox()
        let table = RouteTable([.sample("chat", instances: [.sample(1)])], after: nil)
        guard let meter = table["chat"]?.upstreams.first?.meter else { return #expect(Bool(false)) }
        let outcome = InstanceMeter.Outcome(
            inferenceProtocol: .openAI, status: 502, end: .complete, duration: .milliseconds(3), firstByte: nil,
            tokens: TokenCounts(prompt: 2, completion: 1))
        inbox.record(outcome, of: meter)
        inbox.record(outcome, of: meter)
        let counts = inbox.take()[meter.instanceID]
        #expect(counts?.requests == 2 && counts?.errors == 2 && counts?.durationMicroseconds == 6000)
        #expect(counts?.promptTokens == 4 && counts?.completionTokens == 2 && counts?.answers == 0)
        #expect(inbox.take().isEmpty)
        inbox.record(outcome, of: meter)
        #expect(inbox.take()[meter.instanceID]?.requests == 1)
        #expect(meter.snapshot.total == 3 && meter.snapshot.promptTokens == 6)
    }
}

import Domain
import Testing

struct ConditionTests {
    @Test func transitionTimeMovesOnlyWithTheStatus() {
        let first = Timestamp(millisecondsSinceEpoch: 1000)
        let second = Timestamp(millisecondsSinceEpoch: 2000)
        var conditions: [Condition] = []
        conditions.set("Ready", .no, reason: "Starting", message: "starting", at: first)
        conditions.set("Ready", .no, reason: "Loading", message: "loading", at: second)
        #expect(conditions["Ready"]?.reason == "Loading")
        #expect(conditions["Ready"]?.lastTransitionTime == first)
        conditions.set("Ready", .yes, reason: "Healthy", message: "answers", at: second)
        #expect(conditions["Ready"]?.lastTransitionTime == second)
        #expect(conditions.count == 1)
    }
}

import Testing
import TestSupport

@testable import InferenceGatewayCore

@Suite struct FairQueueTests {
    private final class Item: Sendable {
        let owner: Int
        let number: Int

        init(_ owner: Int, _ number: Int) {
            self.owner = owner
            self.number = number
        }
    }

    @Test func ownersTakeTurnsAndEachKeepsItsOrder() {
        var queue = FairQueue<Int, Item>()
        for number in 0..<3 { queue.append(Item(1, number), of: 1) }
        for number in 0..<2 { queue.append(Item(2, number), of: 2) }
        var order: [[Int]] = []
        while let next = queue.first {
            order.append([next.owner, next.number])
            queue.serve(next, of: next.owner)
        }
        #expect(order == [[1, 0], [2, 0], [1, 1], [2, 1], [1, 2]])
        #expect(queue.isEmpty)
    }

    @Test func roomIsMadeByWhoHasTheMost() {
        var queue = FairQueue<Int, Item>()
        for number in 0..<3 { queue.append(Item(1, number), of: 1) }
        let own = queue.makeRoom(for: 1)
        #expect(own == nil)
        let others = queue.makeRoom(for: 2)
        #expect(others?.number == 2)
        queue.append(Item(2, 0), of: 2)
        let even = queue.makeRoom(for: 2)
        #expect(even == nil, "an owner with one more would have as many")
        #expect(queue.count == 3)
    }

    /// Against lists that are searched from one end to the other.
    @Test(arguments: 1...20 as ClosedRange<UInt64>) func behavesAsASimpleReference(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var queue = FairQueue<Int, Item>()
        var lanes: [(owner: Int, items: [Item])] = []
        for number in 0..<500 {
            switch Int.random(in: 0..<4, using: &generator) {
            case 0, 1:
                let owner = Int.random(in: 0..<5, using: &generator)
                let item = Item(owner, number)
                queue.append(item, of: owner)
                if let index = lanes.firstIndex(where: { $0.owner == owner }) {
                    lanes[index].items.append(item)
                } else {
                    lanes.append((owner, [item]))
                }
            case 2:
                #expect(queue.inTurn.map(\.number) == lanes.flatMap { $0.items.map(\.number) })
                // As a rule the first one, and now and then one behind it.
                let all = lanes.flatMap(\.items)
                guard let item = Bool.random(using: &generator) ? all.first : all.randomElement(using: &generator),
                    let index = lanes.firstIndex(where: { $0.owner == item.owner })
                else { continue }
                queue.serve(item, of: item.owner)
                var lane = lanes.remove(at: index)
                lane.items.removeAll { $0 === item }
                if !lane.items.isEmpty { lanes.append(lane) }
            default:
                guard let lane = lanes.randomElement(using: &generator),
                    let item = lane.items.randomElement(using: &generator),
                    let index = lanes.firstIndex(where: { $0.owner == lane.owner })
                else { continue }
                let wasThere = queue.remove(item, of: item.owner)
                let isThere = queue.remove(item, of: item.owner)
                #expect(wasThere && !isThere)
                lanes[index].items.removeAll { $0 === item }
                if lanes[index].items.isEmpty { lanes.remove(at: index) }
            }
            #expect(queue.count == lanes.reduce(0) { $0 + $1.items.count })
            #expect(queue.first === lanes.first?.items.first)
        }
    }
}

extension FairQueue {
    fileprivate var first: Element? { inTurn.first { _ in true } }
}

/// A queue with a lane for each owner, which are served in turn: who brings much waits behind what they brought, and
/// nobody else does. Pure.
struct FairQueue<Owner: Hashable & Sendable, Element: AnyObject & Sendable>: Sendable {
    private var lanes: [Owner: ArraySlice<Element>] = [:]
    /// Owners of lanes that are not empty, in the order of their turns.
    private var turns: ArraySlice<Owner> = []
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    func count(of owner: Owner) -> Int { lanes[owner]?.count ?? 0 }

    mutating func append(_ element: Element, of owner: Owner) {
        if lanes[owner] == nil { turns.append(owner) }
        lanes[owner, default: []].append(element)
        count += 1
    }

    /// Whose turn it is.
    var first: Element? { turns.first.flatMap { lanes[$0]?.first } }

    /// Takes `first`, after which the next owner has its turn.
    mutating func removeFirst() {
        guard let owner = turns.popFirst() else { return }
        lanes[owner]?.removeFirst()
        count -= 1
        if lanes[owner]?.isEmpty == false { turns.append(owner) } else { lanes[owner] = nil }
    }

    /// - Returns: whether it was there.
    mutating func remove(_ element: Element, of owner: Owner) -> Bool {
        guard let index = lanes[owner]?.firstIndex(where: { $0 === element }) else { return false }
        lanes[owner]?.remove(at: index)
        count -= 1
        if lanes[owner]?.isEmpty == true {
            lanes[owner] = nil
            turns.removeAll { $0 == owner }
        }
        return true
    }

    /// Takes the youngest of the longest lane, if that is longer than another of `owner` would make theirs.
    mutating func makeRoom(for owner: Owner) -> Element? {
        guard let longest = lanes.max(by: { $0.value.count < $1.value.count }),
            longest.value.count > count(of: owner) + 1, let youngest = longest.value.last
        else { return nil }
        return remove(youngest, of: longest.key) ? youngest : nil
    }

    mutating func removeAll() -> [Element] {
        let all = lanes.values.flatMap { $0 }
        self = Self()
        return all
    }
}

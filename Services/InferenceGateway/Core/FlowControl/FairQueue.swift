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

    /// Whose turn it is, and who else could be served: lane after lane, each in its order.
    var inTurn: some Sequence<Element> { turns.lazy.flatMap { lanes[$0] ?? [] } }

    /// Takes an element out, for which its owner has used its turn.
    mutating func serve(_ element: Element, of owner: Owner) {
        guard remove(element, of: owner), lanes[owner] != nil else { return }
        endTurn(of: owner)
        turns.append(owner)
    }

    /// - Returns: whether it was there.
    mutating func remove(_ element: Element, of owner: Owner) -> Bool {
        guard let index = lanes[owner]?.firstIndex(where: { $0 === element }) else { return false }
        // The first of a slice goes without the others being moved.
        if index == lanes[owner]?.startIndex { lanes[owner]?.removeFirst() } else { lanes[owner]?.remove(at: index) }
        count -= 1
        if lanes[owner]?.isEmpty == true {
            lanes[owner] = nil
            endTurn(of: owner)
        }
        return true
    }

    private mutating func endTurn(of owner: Owner) {
        if turns.first == owner { turns.removeFirst() } else { turns.removeAll { $0 == owner } }
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

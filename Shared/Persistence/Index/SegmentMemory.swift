import Synchronization

/// Segments that were read, so that those who look through a list over and over read the shards' records alone.
///
/// What a segment holds is known by its digest, so that nothing in here is ever out of date; it is only of no use any
/// more.
final class SegmentMemory: Sendable {
    private struct State {
        /// Those that were asked for since `former` was given up.
        var recent: [String: (digest: String, ids: SortedIDs)] = [:]
        var former: [String: (digest: String, ids: SortedIDs)] = [:]
    }

    private let state = Mutex(State())

    func ids(_ key: String, _ digest: String) -> SortedIDs? {
        state.withLock { state in
            if let segment = state.recent[key], segment.digest == digest { return segment.ids }
            guard let segment = state.former[key], segment.digest == digest else { return nil }
            Self.remember(key, segment, &state)
            return segment.ids
        }
    }

    func remember(_ key: String, _ digest: String, _ ids: SortedIDs) {
        state.withLock { Self.remember(key, (digest, ids), &$0) }
    }

    private static func remember(_ key: String, _ segment: (digest: String, ids: SortedIDs), _ state: inout State) {
        if state.recent.count >= IndexLimits.rememberedSegments / 2 {
            state.former = state.recent
            state.recent = [:]
        }
        state.recent[key] = segment
    }
}

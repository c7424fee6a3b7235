import EventLoop
import Glibc
import Testing

@testable import HTTPClient

@Suite(.timeLimit(.minutes(1)), .enabled(if: CurlMulti.isPossible, "needs libcurl"))
struct CurlMultiTests {
    /// As libcurl tells them.
    private static let (readable, writable, nothingMore): (Int32, Int32, Int32) = (1, 2, 4)

    @Test func aWatchThatCannotBeChangedIsGivenUp() async {
        let group = EventLoopGroup(count: 1)
        await group.next().run { loop in
            let multi = CurlMulti()
            let (watched, other) = Self.pipe()
            multi.watch(watched, Self.readable, on: loop)
            // Gone without a word, and with it the kernel's watch; the next has its number.
            #expect(dup2(other, watched) == watched)
            multi.watch(watched, Self.writable, on: loop)
            multi.watch(watched, Self.writable, on: loop)
            multi.watch(watched, Self.nothingMore, on: loop)
            close(watched)
            close(other)
        }
        await group.shutdown()
    }

    private static func pipe() -> (Int32, Int32) {
        var ends: [Int32] = [-1, -1]
        precondition(Glibc.pipe(&ends) == 0)
        return (ends[0], ends[1])
    }
}

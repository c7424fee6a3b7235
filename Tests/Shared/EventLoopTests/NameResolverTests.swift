import EventLoop
import Testing

@Suite struct NameResolverTests {
    @Test func knowsAddressesAndLocalhostAtOnce() async {
        let group = EventLoopGroup(count: 1)
        #expect(group.resolver.immediate("10.0.0.1", port: 5) == [SocketAddress(.v4(0x0A00_0001), port: 5)])
        #expect(group.resolver.immediate("localhost", port: 5) == [.loopback(port: 5), .loopbackV6(port: 5)])
        #expect(group.resolver.immediate("host.invalid", port: 5) == nil)
        await group.shutdown()
    }

    @Test(.timeLimit(.minutes(1)))
    func saysWhyANameHasNoAddress() async {
        let group = EventLoopGroup(count: 1)
        let error = await #expect(throws: NameResolutionError.self) {
            try await group.resolver.resolve("no-such-host.invalid", port: 80)
        }
        #expect(error?.reason.isEmpty == false)
        await group.shutdown()
    }
}

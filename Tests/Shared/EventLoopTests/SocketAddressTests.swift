import EventLoop
import Testing

@Suite struct SocketAddressTests {
    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1:80"), ("0.0.0.0", "0.0.0.0:80"), ("255.1.2.3", "255.1.2.3:80"), ("::1", "[::1]:80"),
        ("::", "[::]:80"), ("2001:db8::ff", "[2001:db8::ff]:80"),
    ])
    func readsAndWritesAddresses(_ host: String, _ text: String) throws {
        let address = try #require(SocketAddress(numeric: host, port: 80))
        #expect(address.description == text)
        #expect(address.host == host)
    }

    @Test(arguments: ["localhost", "1.2.3", "", "1.2.3.4.5", "[::1]", "::1 "])
    func takesNoNames(_ host: String) {
        #expect(SocketAddress(numeric: host, port: 80) == nil)
    }
}

import HTTP
import Testing

@Suite struct HTTPHeadWriterTests {
    private func written(_ write: (inout [UInt8]) -> Void) -> String {
        var bytes: [UInt8] = []
        write(&bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func writesFirstLines() {
        #expect(written { HTTPHeadWriter.writeStatusLine(.notFound, to: &$0) } == "HTTP/1.1 404 Not Found\r\n")
        #expect(
            written {
                HTTPHeadWriter.writeRequestLine(.get, "/a?b", HTTPHeadWriter.afterTarget(authority: "x:1"), to: &$0)
            }
                == "GET /a?b HTTP/1.1\r\nHost: x:1\r\n")
    }

    @Test func writesFieldsOnceAndInOrder() {
        let fields: HTTPFields = ["A": "1", "B": "2", "a": "3"]
        #expect(
            written { HTTPHeadWriter.writeFields(fields, leavingOut: .response, to: &$0) }
                == "A: 1\r\nB: 2\r\na: 3\r\n")
        #expect(written { HTTPHeadWriter.writeFields([:], leavingOut: .response, to: &$0) } == "")
    }

    @Test func forwardsReceivedFieldsAsTheyCame() throws {
        let wire = "GET / HTTP/1.1\r\nHost: x\r\nA:1\r\nB: 2 \r\nConnection: D\r\nC: 3\r\nD: 4\r\nE: 5\r\n\r\n"
        var fields = try #require(try parseRequest(wire.utf8, .whole)).head.fields
        #expect(
            written { HTTPHeadWriter.writeFields(fields, leavingOut: .request, to: &$0) }
                == "A:1\r\nB: 2\r\nC: 3\r\nE: 5\r\n")
        fields.set("B", "new")
        #expect(
            written { HTTPHeadWriter.writeFields(fields, leavingOut: .request, to: &$0) }
                == "A:1\r\nC: 3\r\nE: 5\r\nB: new\r\n")
    }

    @Test func leavesFramingToTheEngine() {
        let fields: HTTPFields = [
            "Content-Length": "7", "transfer-encoding": "chunked", "Connection": "x", "Keep-Alive": "y", "Host": "h",
        ]
        #expect(written { HTTPHeadWriter.writeFields(fields, leavingOut: .request, to: &$0) } == "")
        #expect(written { HTTPHeadWriter.writeFields(fields, leavingOut: .response, to: &$0) } == "Host: h\r\n")
        #expect(
            written { HTTPHeadWriter.writeFields(fields, leavingOut: .bodilessResponse, to: &$0) }
                == "Content-Length: 7\r\nHost: h\r\n")
    }

    @Test(arguments: [
        (0, "0"), (1, "1"), (15, "f"), (16, "10"), (255, "ff"), (0x1234_5678_9abc, "123456789abc"),
    ])
    func writesChunkSizes(_ size: Int, _ text: String) {
        #expect(written { HTTPHeadWriter.writeChunkSize(size, to: &$0) } == "\(text)\r\n")
    }

    @Test(arguments: [0, 9, 10, 99, 100, 1_234_567_890])
    func writesLengths(_ length: Int) {
        #expect(written { HTTPHeadWriter.writeContentLength(length, to: &$0) } == "Content-Length: \(length)\r\n")
    }

    @Test(arguments: [0, 1, 9, 10, 99, 100, 1_234_567_890, .max, -1, .min])
    func writesAnyNumber(_ number: Int) {
        var bytes: [UInt8] = []
        bytes.append(decimal: number)
        #expect(String(decoding: bytes, as: UTF8.self) == "\(number)")
    }
}

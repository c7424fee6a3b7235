import EventLoop
import HTTP
import HTTPClient
import TestSupport
import Testing

/// A cancelled task's exchange ends at once: the server sees the connection go.
@Suite(.timeLimit(.minutes(1))) struct CancellationTests {
    @Test func abortsBeforeTheHead() async throws {
        try await TestOrigin.run { server in
            let request = server.sending()
            let peer = await server.listener.accept()
            _ = await peer.receive(until: "\r\n\r\n")
            request.cancel()
            #expect(await peer.receive() == nil)
            #expect(await request.value.error == .cancelled)
        }
    }

    @Test func sendsNothingForATaskThatIsAlreadyCancelled() async throws {
        try await TestOrigin.run { server in
            let cancelled = Task {
                while !Task.isCancelled { await Task.yield() }
                do throws(HTTPTransportError) {
                    _ = try await server.send()
                    return HTTPTransportError?.none
                } catch {
                    return error
                }
            }
            cancelled.cancel()
            #expect(await cancelled.value == .cancelled)
        }
    }

    @Test func abortsBetweenPieces() async throws {
        try await TestOrigin.run { server in
            let request = server.sending()
            let peer = await server.listener.accept()
            _ = await server.answer(peer, with: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n")
            // Until the reader has taken the first piece there is nothing to tell it by; either way it ends.
            request.cancel()
            #expect(await peer.receive() == nil)
            switch await request.value {
            case .success(let answer): #expect(answer.error == .cancelled)
            case .failure(let error): #expect(error == .cancelled)
            }
        }
    }

    @Test func abortsInsideAnUpload() async throws {
        try await TestOrigin.run { server in
            let body = HTTPBody.stream(Endless(), length: nil)
            let request = server.sending(.post, body: body)
            let peer = await server.listener.accept()
            _ = await peer.receive(until: "\r\n\r\n")
            request.cancel()
            _ = await peer.receiveAll()
            #expect(await request.value.error == .cancelled)
        }
    }

    @Test func endsTheExchangeWhenTheBodyIsDropped() async throws {
        try await TestOrigin.run { server in
            let length = Task { try await server.send().body.length }
            let peer = await server.listener.accept()
            _ = await server.answer(peer, with: "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nhe")
            let told = try await length.value
            #expect(told == 500)
            #expect(await peer.receive() == nil)
        }
    }

    @Test func endsTheExchangeWhenTheReaderGivesUp() async throws {
        try await TestOrigin.run { server in
            let sending = Task { try await server.send() }
            let peer = await server.listener.accept()
            _ = await server.answer(peer, with: "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nhe")
            let response = try await sending.value
            await #expect(throws: HTTPBodyError.tooLarge(limitBytes: 10)) {
                try await response.body.collect(limitBytes: 10)
            }
            #expect(await peer.receive() == nil)
            guard case .stream(let stream, _) = response.body else {
                Issue.record("not a stream")
                return
            }
            await #expect(throws: HTTPBodyError.cancelled) { try await stream.next() }
        }
    }
}

/// Bytes without end.
final class Endless: ByteStream {
    func next() async throws -> [UInt8]? {
        try Task.checkCancellation()
        return [UInt8](repeating: 0x61, count: 65536)
    }

    func cancel() {}
}

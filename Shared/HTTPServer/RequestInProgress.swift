import EventLoop
import HTTP

/// The request that a connection is at; the connection has one for all its life.
final class RequestInProgress {
    enum WebSocket {
        case none
        /// The client asks for it; the answer decides.
        case offered
        /// 101 was answered: what comes is passed on as it is.
        case open
    }

    /// Tells this request from earlier ones of the connection, whose body streams may still be around.
    private(set) var number: UInt64 = 0
    private(set) var isHead = false
    private(set) var minorVersion = 1
    /// Another request may follow.
    var keepsConnection = true
    /// The end of the connection is the end of the answer: one that breaks off must not end as the others do.
    var closeEndsAnswer = false
    /// The client waits for `100 Continue`, which has not been sent.
    var continueIsPending = false
    /// Nil once all of the body has come, or cannot come any more.
    var decoder: HTTPBodyDecoder?
    /// Decoded and not yet taken by the reader.
    var received: [UInt8] = []
    private(set) var error: HTTPBodyError?
    private(set) var webSocket = WebSocket.none
    /// Nobody will read the rest.
    var isAbandoned = false
    /// For the minimum rate: what came since the window began, and whether a reader waited all the time.
    var windowBytes = 0

    var isBodyOver: Bool { decoder == nil }

    func begin(_ head: HTTPRequestHead, decoder: HTTPBodyDecoder?) {
        number &+= 1
        isHead = head.method == .head
        minorVersion = head.minorVersion
        keepsConnection = head.keepAlive
        webSocket = head.asksForWebSocket ? .offered : .none
        continueIsPending = head.expectsContinue && decoder != nil
        self.decoder = decoder
        received = []
        error = nil
        isAbandoned = false
        windowBytes = 0
    }

    /// From here on all that comes is the body, without a limit, until the client closes.
    func openWebSocket() {
        webSocket = .open
        keepsConnection = false
        decoder = try? HTTPBodyDecoder(.untilClose, limits: HTTPBodyLimits(contentBytes: .max))
    }

    /// The client will send nothing more, and may still read.
    func endWebSocketInput() { decoder = nil }

    /// Nothing more can come: the reader gets the error after what it has not taken yet.
    func fail(_ error: HTTPBodyError) {
        decoder = nil
        keepsConnection = false
        self.error = error
    }
}

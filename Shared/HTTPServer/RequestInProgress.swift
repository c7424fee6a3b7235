import EventLoop
import HTTP

/// The request that a connection is at; the connection has one for all its life.
final class RequestInProgress {
    /// Tells this request from earlier ones of the connection, whose body streams may still be around.
    private(set) var number: UInt64 = 0
    private(set) var isHead = false
    private(set) var minorVersion = 1
    /// Another request may follow.
    var keepsConnection = true
    /// The client waits for `100 Continue`, which has not been sent.
    var continueIsPending = false
    /// Nil once all of the body has come, or cannot come any more.
    var decoder: HTTPBodyDecoder?
    /// Decoded and not yet taken by the reader.
    var received: [UInt8] = []
    private(set) var error: HTTPBodyError?
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
        continueIsPending = head.expectsContinue && decoder != nil
        self.decoder = decoder
        received = []
        error = nil
        isAbandoned = false
        windowBytes = 0
    }

    /// Nothing more can come: the reader gets the error after what it has not taken yet.
    func fail(_ error: HTTPBodyError) {
        decoder = nil
        keepsConnection = false
        self.error = error
    }
}

import EventLoop
import HTTP

/// The exchange that a connection is at; the connection has one for all its life.
final class ExchangeInProgress {
    /// Tells this exchange from earlier ones of the connection, whose body streams may still be around.
    private(set) var number: UInt64 = 0
    private(set) var method = HTTPMethod.get
    private var canRepeat = false
    private var deadlines: HTTPDeadlines?
    private(set) var idleTime = LoopDuration(.zero)
    private(set) var firstByteTime = LoopDuration(.zero)
    /// Somebody will still ask for the outcome, also when the connection is closed by then.
    var isHeld = false
    /// The kernel took a byte of the request.
    var hasSent = false
    var requestIsSent = false
    /// A byte of the response came.
    var hasReceived = false
    var interimCount = 0
    var head: HTTPResponseHead?
    var failure: HTTPTransportError?
    /// The failure was that the server closed, before anything of the response came.
    var closedBeforeResponse = false
    /// Nil before the head, and when all of the body has come.
    var decoder: HTTPBodyDecoder?
    /// Decoded and not yet taken by the reader.
    var received: [UInt8] = []
    var bodyError: HTTPBodyError?
    var serverHasClosed = false
    /// Sending met a connection that was reset; nothing follows on it.
    var sendingBroke = false
    /// What goes to the server if it answers 101.
    private(set) var webSocketInput: (any ByteStream)?

    var isReused: Bool { number > 1 }

    /// The response is in, to its end or to where it broke off.
    var isOver: Bool { failure != nil || bodyError != nil || (head != nil && decoder == nil) }

    /// Whether the request may go out once more, on another connection: only if this one was reused, and closed without
    /// a byte of a response, and the server cannot have acted, or may act twice.
    var mayRepeat: Bool { isReused && closedBeforeResponse && (!hasSent || canRepeat) }

    /// - Parameter canRepeat: Its method is idempotent and its body is at hand.
    func begin(_ request: HTTPRequest, _ deadlines: HTTPDeadlines, canRepeat: Bool) {
        self.canRepeat = canRepeat
        number += 1
        method = request.method
        webSocketInput = request.webSocketInput
        // As a rule they are the same as the last time, which spares the conversion.
        if deadlines != self.deadlines {
            self.deadlines = deadlines
            idleTime = LoopDuration(deadlines.idle)
            firstByteTime = LoopDuration(deadlines.firstByte)
        }
        isHeld = true
        hasSent = false
        requestIsSent = false
        hasReceived = false
        interimCount = 0
        head = nil
        failure = nil
        closedBeforeResponse = false
        decoder = nil
        received = []
        bodyError = nil
    }

    func takeWebSocketInput() -> (any ByteStream)? {
        defer { webSocketInput = nil }
        return webSocketInput
    }
}

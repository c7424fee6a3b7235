import CCurl
import EventLoop

/// libcurl's connection pool and transfers of one event loop.
///
/// libcurl asks through callbacks which sockets to watch and when to wake it. It may do so in the middle of a call of
/// ours, so the wishes are noted and carried out when the call has returned.
@safe final class CurlMulti {
    /// Idle connections kept.
    private static let maximumIdleConnections = 64

    private let handle: UnsafeMutableRawPointer
    private var watches: [Int32: SocketWatch] = [:]
    private var wantedWatches: [(socket: Int32, action: Int32)] = []
    private var wantedTimer: Int?
    private var noted: [(exchange: CurlExchange, progress: CurlExchange.Progress)] = []
    private var timer: LoopTimer?
    /// By `CurlEasy.key`.
    private var exchanges: [UInt: CurlExchange] = [:]

    /// Whether libcurl is installed. Without it none can be made.
    static var isPossible: Bool { slipway_curl_is_there() != 0 }

    init() {
        // Fails only when there is no memory, for which nothing could be done.
        guard slipway_curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK,
            let handle = unsafe slipway_curl_multi_init()
        else {
            preconditionFailure("libcurl cannot be initialised")
        }
        unsafe self.handle = handle
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe slipway_curl_multi_set_socket_callback(handle) { _, socket, action, context, _ in
            guard let context = unsafe context else { return 0 }
            unsafe Unmanaged<CurlMulti>.fromOpaque(context).takeUnretainedValue()
                .wantedWatches.append((socket: socket, action: action))
            return 0
        }
        unsafe slipway_curl_multi_set_pointer(handle, CURLMOPT_SOCKETDATA, context)
        unsafe slipway_curl_multi_set_timer_callback(handle) { _, milliseconds, context in
            guard let context = unsafe context else { return 0 }
            unsafe Unmanaged<CurlMulti>.fromOpaque(context).takeUnretainedValue().wantedTimer = milliseconds
            return 0
        }
        unsafe slipway_curl_multi_set_pointer(handle, CURLMOPT_TIMERDATA, context)
        unsafe slipway_curl_multi_set_long(handle, CURLMOPT_MAXCONNECTS, Self.maximumIdleConnections)
    }

    deinit { unsafe slipway_curl_multi_cleanup(handle) }

    /// Begins a transfer; the exchange is kept until it ends or is removed.
    func add(_ exchange: CurlExchange, on loop: isolated EventLoop) {
        exchanges[exchange.easy.key] = exchange
        unsafe slipway_curl_multi_add_handle(handle, exchange.easy.handle)
        settle(on: loop)
    }

    /// Ends a transfer at once; its connection is closed if it was in the middle of something.
    func remove(_ exchange: CurlExchange, on loop: isolated EventLoop) {
        guard exchanges.removeValue(forKey: exchange.easy.key) != nil else { return }
        unsafe slipway_curl_multi_remove_handle(handle, exchange.easy.handle)
        settle(on: loop)
    }

    /// Lets a paused transfer go on.
    func resume(_ exchange: CurlExchange, on loop: isolated EventLoop) {
        guard exchanges[exchange.easy.key] != nil else { return }
        unsafe slipway_curl_easy_pause(exchange.easy.handle, CURLPAUSE_CONT)
        settle(on: loop)
    }

    func note(_ exchange: CurlExchange, _ progress: CurlExchange.Progress) {
        noted.append((exchange: exchange, progress: progress))
    }

    fileprivate func act(_ socket: Int32, _ mask: Int32, on loop: isolated EventLoop) {
        var running: Int32 = 0
        unsafe slipway_curl_multi_socket_action(handle, socket, mask, &running)
        settle(on: loop)
    }

    /// Carries out what libcurl has asked for and reports the transfers that have ended, until nothing is left.
    private func settle(on loop: isolated EventLoop) {
        repeat {
            let watches = wantedWatches
            wantedWatches = []
            for wish in watches { watch(wish.socket, wish.action, on: loop) }
            if let milliseconds = wantedTimer {
                wantedTimer = nil
                setTimer(milliseconds, on: loop)
            }
            let progress = noted
            noted = []
            for note in progress { note.exchange.progressed(note.progress, on: loop) }
            reportEnded(on: loop)
        } while !wantedWatches.isEmpty || wantedTimer != nil || !noted.isEmpty
    }

    /// - Parameter action: `CURL_POLL_IN` and the like.
    func watch(_ socket: Int32, _ action: Int32, on loop: isolated EventLoop) {
        if action == CURL_POLL_REMOVE {
            if watches.removeValue(forKey: socket) != nil { loop.remove(socket) }
            return
        }
        var events: ReadyEvents = []
        if action & CURL_POLL_IN != 0 { events.insert(.readable) }
        if action & CURL_POLL_OUT != 0 { events.insert(.writable) }
        do throws(SystemError) {
            if watches[socket] != nil {
                try loop.modify(socket, events)
            } else {
                let watch = SocketWatch(socket: socket, multi: self)
                watches[socket] = watch
                try loop.add(socket, events, handler: watch)
            }
        } catch {
            // The transfer will run into its deadline; the loop has no watches left to give.
            watches[socket] = nil
            loop.remove(socket)
        }
    }

    private func setTimer(_ milliseconds: Int, on loop: isolated EventLoop) {
        if let timer { loop.cancel(timer) }
        // Zero means "at once", and is not done in here because libcurl may be calling.
        timer = milliseconds < 0 ? nil : loop.schedule(after: .milliseconds(milliseconds), self)
    }

    private func reportEnded(on loop: isolated EventLoop) {
        var result = CURLE_OK
        while let ended = unsafe slipway_curl_next_done(handle, &result) {
            unsafe slipway_curl_multi_remove_handle(handle, ended)
            exchanges.removeValue(forKey: UInt(bitPattern: ended))?.ended(result, on: loop)
        }
    }
}

extension CurlMulti: TimerHandler {
    func timerFired(_ timer: LoopTimer, on loop: isolated EventLoop) {
        self.timer = nil
        act(CURL_SOCKET_TIMEOUT, 0, on: loop)
    }
}

private final class SocketWatch: DescriptorHandler {
    private let socket: Int32
    // The multi owns its watches, and removes them from the loop before libcurl closes their sockets.
    private unowned let multi: CurlMulti

    init(socket: Int32, multi: CurlMulti) {
        self.socket = socket
        self.multi = multi
    }

    func ready(_ events: ReadyEvents, on loop: isolated EventLoop) {
        var mask: Int32 = 0
        if !events.isDisjoint(with: [.readable, .peerClosed]) { mask |= CURL_CSELECT_IN }
        if events.contains(.writable) { mask |= CURL_CSELECT_OUT }
        if !events.isDisjoint(with: [.error, .hangUp]) { mask |= CURL_CSELECT_ERR }
        multi.act(socket, mask, on: loop)
    }
}

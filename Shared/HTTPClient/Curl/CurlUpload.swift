import EventLoop
import HTTP

/// The body of a request on its way to libcurl: pulled from its stream no faster than libcurl takes it.
final class CurlUpload {
    enum Piece {
        case bytes(ArraySlice<UInt8>)
        /// Nothing is there yet; libcurl is to wait until it is resumed.
        case later
        case end
        /// The stream threw: the request must not look complete.
        case failed
    }

    private let stream: (any ByteStream)?
    private var pending: ArraySlice<UInt8>
    private var isComplete: Bool
    /// What the stream threw.
    private(set) var failure: HTTPBodyError?
    private var isPaused = false
    /// Of the exchange that it belongs to, once that has begun.
    var reference: LoopReference<CurlExchange>?
    private var feeder: Task<Void, Never>?
    private let drained = LoopSignal()

    init(_ body: HTTPBody) {
        switch body {
        case .empty: (stream, pending, isComplete) = (nil, [], true)
        case .bytes(let bytes): (stream, pending, isComplete) = (nil, bytes[...], true)
        case .stream(let source, _): (stream, pending, isComplete) = (source, [], false)
        }
    }

    /// Called by libcurl.
    func take(_ capacity: Int) -> Piece {
        if !pending.isEmpty {
            let piece = pending.prefix(capacity)
            pending = pending.dropFirst(piece.count)
            if pending.isEmpty { drained.fire() }
            return .bytes(piece)
        }
        if failure != nil { return .failed }
        if isComplete { return .end }
        isPaused = true
        startFeeding()
        return .later
    }

    /// Begins to pull from the stream. Not before libcurl asks, because then there is a connection: a request that
    /// finds none can be sent elsewhere, with a stream of which nothing is missing.
    private func startFeeding() {
        guard let stream, let reference, feeder == nil else { return }
        feeder = Task(executorPreference: reference.loop.executor) {
            await reference.loop.run { loop in
                var isMore = true
                while isMore {
                    let piece: Result<[UInt8]?, any Error>
                    do { piece = .success(try await stream.next()) } catch { piece = .failure(error) }
                    isMore = await reference.object(on: loop)?.upload.feed(piece, to: reference, on: loop) ?? false
                }
            }
        }
    }

    /// The transfer has ended, whichever way.
    func stop() {
        feeder?.cancel()
        feeder = nil
        if let stream, !isComplete { stream.cancel() }
        isComplete = true
        drained.fire()
    }

    /// - Returns: whether the feeder is to go on, after libcurl has taken what it was given.
    private func feed(
        _ piece: Result<[UInt8]?, any Error>, to reference: LoopReference<CurlExchange>, on loop: isolated EventLoop
    ) async -> Bool {
        guard !isComplete else { return false }
        switch piece {
        case .success(let bytes?): pending = bytes[...]
        case .success(nil): isComplete = true
        case .failure(let error): failure = HTTPBodyError(endOf: error)
        }
        if isPaused {
            isPaused = false
            reference.object(on: loop)?.resumeSending(on: loop)
        }
        guard !isComplete, failure == nil else { return false }
        while !pending.isEmpty, !isComplete { await drained.wait(on: loop) }
        return !isComplete
    }
}

import CCurl
import HTTP

/// What libcurl calls while it works on a transfer, always on the loop's thread.
extension CurlExchange {
    func setCallbacks(bodyLength: Int?) {
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        let handle = unsafe easy.handle
        unsafe slipway_curl_set_pointer(handle, CURLOPT_HEADERDATA, context)
        unsafe slipway_curl_set_data_callback(handle, CURLOPT_HEADERFUNCTION) { data, size, count, context in
            unsafe CurlExchange.from(context)?.takeHead(data, size * count) ?? 0
        }
        unsafe slipway_curl_set_pointer(handle, CURLOPT_WRITEDATA, context)
        unsafe slipway_curl_set_data_callback(handle, CURLOPT_WRITEFUNCTION) { data, size, count, context in
            unsafe CurlExchange.from(context)?.takeBody(data, size * count) ?? 0
        }
        guard bodyLength != 0 else {
            // A POST or PUT without a body still has to say so.
            if method == .post || method == .put || method == .patch {
                unsafe slipway_curl_set_size(handle, CURLOPT_POSTFIELDSIZE_LARGE, 0)
                unsafe slipway_curl_set_text(handle, CURLOPT_COPYPOSTFIELDS, "")
            }
            return
        }
        easy.set(CURLOPT_UPLOAD, 1)
        easy.set(CURLOPT_CUSTOMREQUEST, method.rawValue)
        unsafe slipway_curl_set_size(handle, CURLOPT_INFILESIZE_LARGE, curl_off_t(bodyLength ?? -1))
        unsafe slipway_curl_set_pointer(handle, CURLOPT_READDATA, context)
        unsafe slipway_curl_set_data_callback(handle, CURLOPT_READFUNCTION) { buffer, size, count, context in
            unsafe CurlExchange.from(context)?.giveBody(buffer, size * count) ?? Int(CURL_READFUNC_ABORT)
        }
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> CurlExchange? {
        guard let context = unsafe context else { return nil }
        return unsafe Unmanaged<CurlExchange>.fromOpaque(context).takeUnretainedValue()
    }

    /// One line of a head. Returning anything but `count` ends the transfer.
    private func takeHead(_ data: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
        // Trailers come here too, when the head is long complete.
        guard head == nil else { return count }
        unsafe append(data, count, to: &headBytes)
        do throws(HTTPParseError) {
            guard let parsed = try parser.parse(headBytes, 0..<headBytes.count, answering: method) else { return count }
            headBytes = []
            guard !parsed.head.isInterim else { return count }
            head = parsed.head
            note(.received)
            return count
        } catch {
            refusal = "the response was refused: \(error.reason)"
            return 0
        }
    }

    private func takeBody(_ data: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
        guard received.count < Self.maximumBufferedBytes else {
            isReceivingPaused = true
            return Int(CURL_WRITEFUNC_PAUSE)
        }
        unsafe append(data, count, to: &received)
        note(.received)
        return count
    }

    private func giveBody(_ buffer: UnsafeMutablePointer<CChar>?, _ capacity: Int) -> Int {
        switch upload.take(capacity) {
        case .bytes(let bytes):
            guard let buffer = unsafe buffer else { return Int(CURL_READFUNC_ABORT) }
            for (index, byte) in bytes.enumerated() { unsafe buffer[index] = CChar(bitPattern: byte) }
            note(.sent)
            return bytes.count
        case .later: return Int(CURL_READFUNC_PAUSE)
        case .end: return 0
        case .failed: return Int(CURL_READFUNC_ABORT)
        }
    }

    private func append(_ data: UnsafeMutablePointer<CChar>?, _ count: Int, to bytes: inout [UInt8]) {
        let source = unsafe UnsafeRawBufferPointer(start: data, count: count)
        unsafe bytes.append(contentsOf: source)
    }
}

import CCurl
import Domain
import HTTP

/// Owns one transfer's handle, its header list and its error text.
@safe final class CurlEasy {
    let handle: UnsafeMutableRawPointer
    private var headers: UnsafeMutablePointer<curl_slist>?
    private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

    init() {
        guard let handle = unsafe slipway_curl_easy_init() else {
            preconditionFailure("libcurl has no memory for a handle")
        }
        unsafe self.handle = handle
        unsafe errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        unsafe slipway_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, errorText)
    }

    deinit {
        unsafe slipway_curl_easy_cleanup(handle)
        unsafe slipway_curl_slist_free_all(headers)
        unsafe errorText.deallocate()
    }

    /// Names the transfer.
    var key: UInt { unsafe UInt(bitPattern: handle) }

    /// libcurl's own words on why the transfer failed.
    func errorMessage(_ result: CURLcode) -> String {
        let text = unsafe String(cString: errorText)
        return text.isEmpty ? unsafe String(cString: slipway_curl_easy_strerror(result)) : text
    }

    /// Sets everything that does not depend on the body.
    func configure(_ request: HTTPRequest, origin: HTTPOrigin, connect: Duration, options: CurlOptions) {
        set(CURLOPT_URL, "\(origin)\(request.target)")
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_PATH_AS_IS, 1)
        set(CURLOPT_TCP_NODELAY, 1)
        // Otherwise the answer of a proxy to CONNECT looks like the response.
        set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        set(CURLOPT_CONNECTTIMEOUT_MS, max(1, Int(clamping: connect.wholeMilliseconds)))
        if request.method == .head {
            set(CURLOPT_NOBODY, 1)
        } else if request.method != .get {
            set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
        }
        if let file = options.certificateAuthorityFile { set(CURLOPT_CAINFO, file) }
        if let file = options.clientCertificateFile { set(CURLOPT_SSLCERT, file) }
        if let file = options.clientKeyFile { set(CURLOPT_SSLKEY, file) }
        setHeaders(request.fields, sendsChunked: sendsChunked(request.body))
    }

    private func setHeaders(_ fields: HTTPFields, sendsChunked: Bool) {
        // What libcurl would add by itself is switched off by an empty value.
        for name in ["Expect", "Accept", "User-Agent"] where !fields.contains(name) { appendHeader("\(name):") }
        for span in fields.spans where !span.isHopByHop && !fields.matches(span, "Content-Length") {
            let value = fields.value(span)
            appendHeader(value.isEmpty ? "\(fields.name(span));" : "\(fields.name(span)): \(value)")
        }
        if sendsChunked { appendHeader("Transfer-Encoding: chunked") }
        unsafe slipway_curl_set_pointer(handle, CURLOPT_HTTPHEADER, headers)
    }

    private func appendHeader(_ line: String) { unsafe headers = slipway_curl_slist_append(headers, line) }

    func set(_ option: CURLoption, _ value: Int) { unsafe slipway_curl_set_long(handle, option, value) }

    func set(_ option: CURLoption, _ value: String) { unsafe slipway_curl_set_text(handle, option, value) }

    private func sendsChunked(_ body: HTTPBody) -> Bool { body.length == nil }
}

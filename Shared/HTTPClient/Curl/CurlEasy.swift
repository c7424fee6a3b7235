import CCurl
import Domain
import HTTP

/// Owns one transfer's handle, its header list and its error text.
@safe final class CurlEasy {
    /// Between probes of a connection on which nothing comes.
    private static let keepAliveSeconds = 20

    let handle: UnsafeMutableRawPointer
    private var headers: UnsafeMutablePointer<curl_slist>?
    private var connectTo: UnsafeMutablePointer<curl_slist>?
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
        unsafe slipway_curl_slist_free_all(connectTo)
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
        setAddress(request, origin: origin, serverName: options.serverName)
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
        // Else a server that vanished without a word is waited for until a deadline.
        set(CURLOPT_TCP_KEEPALIVE, 1)
        set(CURLOPT_TCP_KEEPIDLE, Self.keepAliveSeconds)
        set(CURLOPT_TCP_KEEPINTVL, Self.keepAliveSeconds)
        setSecurity(options)
        setHeaders(request.fields, sendsChunked: sendsChunked(request.body))
    }

    /// A server's certificate is checked for the name in the URL, so one that goes by another name gets a URL of that
    /// name, whose connection is led to where the server really is.
    private func setAddress(_ request: HTTPRequest, origin: HTTPOrigin, serverName: String?) {
        guard let serverName, origin.scheme == .https, serverName != origin.host else {
            return set(CURLOPT_URL, "\(origin)\(request.target)")
        }
        let named = HTTPOrigin(scheme: .https, host: serverName, port: origin.port)
        set(CURLOPT_URL, "\(named)\(request.target)")
        if !request.fields.contains("Host") { appendHeader("Host: \(origin.authority)") }
        unsafe connectTo = slipway_curl_slist_append(nil, "\(named.authority):\(origin.authority)")
        unsafe slipway_curl_set_pointer(handle, CURLOPT_CONNECT_TO, connectTo)
    }

    private func setSecurity(_ options: CurlOptions) {
        if let file = options.certificateAuthorityFile { set(CURLOPT_CAINFO, file) }
        if let file = options.clientCertificateFile { set(CURLOPT_SSLCERT, file) }
        if let file = options.clientKeyFile { set(CURLOPT_SSLKEY, file) }
        if let text = options.certificateAuthority { set(CURLOPT_CAINFO_BLOB, blob: text) }
        if let text = options.clientCertificate { set(CURLOPT_SSLCERT_BLOB, blob: text) }
        if let text = options.clientKey { set(CURLOPT_SSLKEY_BLOB, blob: text) }
        if options.trustsAnyServer {
            set(CURLOPT_SSL_VERIFYPEER, 0)
            set(CURLOPT_SSL_VERIFYHOST, 0)
        }
        if let proxy = options.proxyURL { set(CURLOPT_PROXY, proxy) }
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

    private func set(_ option: CURLoption, blob text: String) {
        let bytes = Array(text.utf8)
        unsafe bytes.withUnsafeBytes { bytes in
            _ = unsafe slipway_curl_set_blob(handle, option, bytes.baseAddress, bytes.count)
        }
    }

    private func sendsChunked(_ body: HTTPBody) -> Bool { body.length == nil }
}

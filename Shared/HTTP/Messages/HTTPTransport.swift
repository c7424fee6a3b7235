/// Sends requests: the keep-alive client on the event loop for plain `http`, libcurl for TLS and other schemes.
public protocol HTTPTransport: Sendable {
    /// Sends `request` to `origin` and returns when the response head is in; its body streams behind it.
    ///
    /// Cancelling the task aborts the exchange at once. A request is repeated by the transport only if it went out on
    /// a reused connection that closed before any response byte, and its method is idempotent or its body was not sent.
    func send(
        _ request: HTTPRequest, to origin: HTTPOrigin, deadlines: HTTPDeadlines
    ) async throws(HTTPTransportError) -> HTTPResponse
}

/// Where a request goes.
public struct HTTPOrigin: Hashable, Sendable, CustomStringConvertible {
    public enum Scheme: String, Hashable, Sendable {
        case http, https
    }

    public let scheme: Scheme
    /// A host name or an address; IPv6 without brackets.
    public let host: String
    public let port: UInt16

    public init(scheme: Scheme = .http, host: String, port: UInt16) {
        self.scheme = scheme
        self.host = host
        self.port = port
    }

    /// Takes `http://host:port` or `https://host`; a path or anything else behind it makes it nil.
    public init?(_ url: String) {
        guard let separator = url.firstRange(of: "://"),
            let scheme = Scheme(rawValue: String(url[..<separator.lowerBound]))
        else { return nil }
        var authority = url[separator.upperBound...]
        if authority.hasSuffix("/") { authority.removeLast() }
        guard !authority.isEmpty, !authority.contains(where: { "/?#@ ".contains($0) }) else { return nil }
        let host: Substring
        var rest: Substring
        if authority.hasPrefix("[") {
            guard let close = authority.firstIndex(of: "]") else { return nil }
            host = authority[authority.index(after: authority.startIndex)..<close]
            rest = authority[authority.index(after: close)...]
        } else {
            host = authority.prefix { $0 != ":" }
            rest = authority[host.endIndex...]
        }
        var port: UInt16 = scheme == .https ? 443 : 80
        if rest.hasPrefix(":") {
            rest.removeFirst()
            guard let number = UInt16(rest), number > 0 else { return nil }
            port = number
        } else if !rest.isEmpty {
            return nil
        }
        guard !host.isEmpty else { return nil }
        self.init(scheme: scheme, host: String(host), port: port)
    }

    /// `host:port`, as in a Host field.
    public var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    public var description: String { "\(scheme.rawValue)://\(authority)" }
}

/// How long each part of an exchange may take.
public struct HTTPDeadlines: Hashable, Sendable {
    public var connect: Duration
    /// From the last request byte sent to the first response byte.
    public var firstByte: Duration
    /// Between two pieces of the response body.
    public var idle: Duration

    public init(
        connect: Duration = .seconds(2), firstByte: Duration = .seconds(30), idle: Duration = .seconds(30)
    ) {
        self.connect = connect
        self.firstByte = firstByte
        self.idle = idle
    }
}

/// Why an exchange failed before a response head came.
public enum HTTPTransportError: Error, Hashable, Sendable {
    /// Nothing was sent: refused, unreachable, name not found, or the connect deadline passed.
    case connectFailed(String)
    /// The connection broke after something was sent, or the response is not HTTP we accept.
    case failed(String)
    /// The request's own body broke off, so that it could not be sent whole: the server has no part in it.
    case requestBodyFailed(HTTPBodyError)
    /// `firstByte` passed.
    case timedOut(String)
    case cancelled
}

import HTTP

/// A key set that an issuer publishes (`jwks_uri`).
public struct KeySetURL: KeySetSource {
    /// For the whole of it, from the connection to the last byte.
    public static let deadline: Duration = .seconds(5)

    private let url: String
    private let origin: HTTPOrigin
    private let target: String
    private let transport: any HTTPTransport
    private let clock: any Clock<Duration>

    /// - Parameter url: `https://issuer.example/keys.json`. Plain `http` is for networks in which nobody can put
    ///   keys of their own in the place of the issuer's.
    /// - Throws: if it is no URL that keys can be fetched from.
    public init(
        _ url: String, transport: any HTTPTransport, clock: any Clock<Duration>
    ) throws(KeySetFailure) {
        guard let separator = url.firstRange(of: "://") else { throw Self.isNone(url) }
        let start = url[separator.upperBound...].firstIndex { "/?#".contains($0) } ?? url.endIndex
        let rest = url[start...]
        guard let origin = HTTPOrigin(String(url[..<start])),
            rest.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "#") })
        else { throw Self.isNone(url) }
        self.url = url
        self.origin = origin
        self.transport = transport
        self.clock = clock
        target = rest.hasPrefix("/") ? String(rest) : "/" + rest
    }

    private static func isNone(_ url: String) -> KeySetFailure {
        KeySetFailure("\"\(url)\" is no URL of a key set; it must be like https://issuer.example/keys.json")
    }

    public func load() async throws(KeySetFailure) -> JSONWebKeySet {
        let result = await withTaskGroup(of: Result<[UInt8], KeySetFailure>?.self) { group in
            group.addTask {
                do throws(KeySetFailure) {
                    return .success(try await fetch())
                } catch {
                    return .failure(error)
                }
            }
            group.addTask {
                try? await clock.sleep(for: Self.deadline)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        guard let result else {
            throw KeySetFailure("the key set \(url) took longer than \(Self.deadline)")
        }
        return try JSONWebKeySet(usable: try result.get(), from: url)
    }

    private func fetch() async throws(KeySetFailure) -> [UInt8] {
        let request = HTTPRequest(.get, target, fields: ["Accept": "application/json, application/jwk-set+json"])
        let deadlines = HTTPDeadlines(connect: Self.deadline, firstByte: Self.deadline, idle: Self.deadline)
        let response: HTTPResponse
        do throws(HTTPTransportError) {
            response = try await transport.send(request, to: origin, deadlines: deadlines)
        } catch {
            throw KeySetFailure("the key set \(url) cannot be fetched: \(error.reason)")
        }
        guard response.status == .ok else {
            if case .stream(let stream, _) = response.body { stream.cancel() }
            // Redirects are not followed: where the keys are is said here, and by nobody else.
            throw KeySetFailure(
                "the key set \(url) cannot be fetched: it is answered with status \(response.status), not 200")
        }
        do {
            return try await response.body.collect(limitBytes: JSONWebKeySet.maximumBytes)
        } catch HTTPBodyError.tooLarge {
            throw KeySetFailure("the key set \(url) is larger than \(JSONWebKeySet.maximumBytes) bytes")
        } catch {
            throw KeySetFailure("the key set \(url) broke off: \(error)")
        }
    }
}

extension HTTPTransportError {
    fileprivate var reason: String {
        switch self {
        case .connectFailed(let reason), .failed(let reason), .timedOut(let reason): reason
        case .requestBodyFailed: "the request could not be sent whole"
        case .cancelled: "it was given up"
        }
    }
}

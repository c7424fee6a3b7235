import Domain
import FoundationEssentials
import HTTP
import ModelServingCore
import Subprocess

/// Brings a model file to this machine.
public struct ModelFileFetcher: Sendable {
    static let maximumRedirects = 5
    static let deadlines = HTTPDeadlines(connect: .seconds(10), firstByte: .seconds(60), idle: .seconds(60))

    let transport: any HTTPTransport
    /// Bytes of a file at most.
    let limitBytes: Int

    public init(transport: any HTTPTransport, limitBytes: Int) {
        self.transport = transport
        self.limitBytes = limitBytes
    }

    /// - Parameters:
    ///   - url: `file:///…`, `http://…` or `https://…`.
    ///   - mayLink: whether a file of this machine may be shared with its owner, who alone says who may read it then.
    func fetch(_ url: String, to path: String, mayLink: Bool = true) async throws(Failure) {
        if let source = Self.localPath(url) {
            try takeFile(source, to: path, mayLink: mayLink)
        } else if url.hasPrefix("http://") || url.hasPrefix("https://") {
            try await download(url, to: path)
        } else {
            throw Failure(.modelFileMissing, "the model file URL \(url) is neither file:// nor http(s)://")
        }
    }

    /// Nil if it is no `file` URL of this machine.
    static func localPath(_ url: String) -> String? {
        guard url.hasPrefix("file://") else { return nil }
        let rest = url.dropFirst("file://".count)
        let path = rest.hasPrefix("localhost/") ? rest.dropFirst("localhost".count) : rest
        guard path.hasPrefix("/") else { return nil }
        return PercentEncoding.decode(path)
    }

    private func takeFile(_ source: String, to path: String, mayLink: Bool) throws(Failure) {
        let target = URL(filePath: source).resolvingSymlinksInPath().path
        guard let status = FileStatus(target) else {
            throw Failure(.modelFileMissing, "there is no model file \(source) on this machine")
        }
        try check(status.sizeBytes, source)
        // A second name costs nothing; across file systems the bytes have to be copied.
        if mayLink, (try? FileManager.default.linkItem(atPath: target, toPath: path)) != nil { return }
        do {
            try FileManager.default.copyItem(atPath: target, toPath: path)
        } catch {
            throw Failure(.storageFailed, "cannot copy \(source) to \(path): \(error)")
        }
    }

    private func download(_ url: String, to path: String) async throws(Failure) {
        var url = url
        for _ in 0...Self.maximumRedirects {
            let response = try await get(url)
            switch response.status.code {
            case 200: return try await write(response.body, of: url, to: path)
            case 301, 302, 303, 307, 308:
                Self.drop(response.body)
                guard let location = response.fields["Location"], let next = Self.resolve(location, against: url)
                else { throw Failure(.downloadFailed, "\(url) redirects to nowhere") }
                url = next
            case 400..<500 where response.status != 408 && response.status != 429:
                Self.drop(response.body)
                throw Failure(.modelFileMissing, "\(url) answers \(response.status)")
            default:
                Self.drop(response.body)
                throw Failure(.downloadFailed, "\(url) answers \(response.status)")
            }
        }
        throw Failure(.downloadFailed, "\(url) redirects more than \(Self.maximumRedirects) times")
    }

    private func get(_ url: String) async throws(Failure) -> HTTPResponse {
        guard let split = Self.split(url) else { throw Failure(.modelFileMissing, "\(url) is not a URL") }
        do throws(HTTPTransportError) {
            return try await transport.send(
                HTTPRequest(.get, split.target, fields: ["Accept": "*/*"]), to: split.origin,
                deadlines: Self.deadlines)
        } catch {
            throw Failure(.downloadFailed, "cannot download \(url): \(error)")
        }
    }

    private func write(_ body: HTTPBody, of url: String, to path: String) async throws(Failure) {
        if let length = body.length { try check(length, url) }
        guard let writer = FileWriter(path) else { throw Failure(.storageFailed, "cannot write \(path)") }
        var size = 0
        do {
            switch body {
            case .empty: return
            case .bytes(let bytes): try writer.write(bytes)
            case .stream(let stream, _):
                while let piece = try await stream.next() {
                    size += piece.count
                    guard size <= limitBytes else {
                        stream.cancel()
                        break
                    }
                    try writer.write(piece)
                }
            }
        } catch let failure as FileWriter.WriteFailure {
            Self.drop(body)
            throw Failure(.storageFailed, "cannot write \(path): \(failure.reason)")
        } catch {
            throw Failure(.downloadFailed, "the download of \(url) broke off after \(size) bytes: \(error)")
        }
        try check(size, url)
    }

    private func check(_ size: Int, _ source: String) throws(Failure) {
        guard size <= limitBytes else {
            throw Failure(.modelFileTooLarge, "\(source) has more than the \(limitBytes) bytes that are allowed")
        }
    }

    private static func drop(_ body: HTTPBody) {
        switch body {
        case .empty, .bytes: return
        case .stream(let stream, _): stream.cancel()
        }
    }

    /// The origin of a URL, and the rest of it as a request target.
    static func split(_ url: String) -> (origin: HTTPOrigin, target: String)? {
        guard let scheme = url.firstRange(of: "://") else { return nil }
        let rest = url[scheme.upperBound...].prefix { $0 != "#" }
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard let origin = HTTPOrigin("\(url[..<scheme.lowerBound])://\(authority)") else { return nil }
        let target = rest[authority.endIndex...]
        guard target.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
        return (origin, target.hasPrefix("/") ? String(target) : "/\(target)")
    }

    static func resolve(_ location: String, against url: String) -> String? {
        if location.hasPrefix("http://") || location.hasPrefix("https://") { return location }
        guard location.hasPrefix("/"), let origin = split(url)?.origin else { return nil }
        return location.hasPrefix("//") ? "\(origin.scheme.rawValue):\(location)" : "\(origin)\(location)"
    }
}

import Contracts
import FoundationEssentials
import HTTP

/// Asks ModelServing for the route table.
struct RouteSource: Sendable {
    /// Bytes of a table: some 100,000 services.
    static let maximumTableBytes = 64 << 20
    static let deadlines = HTTPDeadlines(connect: .seconds(1), firstByte: .seconds(2), idle: .seconds(2))

    enum Answer: Hashable, Sendable {
        case unchanged
        case table(RouteTableDocument, etag: String?)
    }

    struct Failure: Error, Hashable, CustomStringConvertible {
        let description: String
    }

    private let transport: any HTTPTransport
    private let origin: HTTPOrigin
    private let adminKey: String

    init(transport: any HTTPTransport, origin: HTTPOrigin, adminKey: String) {
        self.transport = transport
        self.origin = origin
        self.adminKey = adminKey
    }

    /// - Parameter etag: of the table that is known already.
    func fetch(knowing etag: String?) async throws(Failure) -> Answer {
        var fields: HTTPFields = ["Authorization": "Bearer \(adminKey)", "Accept": "application/json"]
        if let etag { fields.append("If-None-Match", etag) }
        let response: HTTPResponse
        do throws(HTTPTransportError) {
            response = try await transport.send(
                HTTPRequest(.get, "/routes", fields: fields), to: origin, deadlines: Self.deadlines)
        } catch {
            throw Failure(description: "\(origin) gives no answer: \(error)")
        }
        switch response.status {
        case .notModified:
            // Read to its end, so that the connection can be used again.
            _ = try await collect(response.body)
            return .unchanged
        case .ok:
            return .table(try decode(await collect(response.body)), etag: response.fields["ETag"])
        case .unauthorized, .forbidden:
            throw Failure(description: "\(origin) refuses the admin key")
        default:
            throw Failure(description: "\(origin) answers with status \(response.status)")
        }
    }

    private func collect(_ body: HTTPBody) async throws(Failure) -> [UInt8] {
        do {
            return try await body.collect(limitBytes: Self.maximumTableBytes)
        } catch {
            throw Failure(description: "\(origin) broke off its answer: \(error)")
        }
    }

    private func decode(_ bytes: [UInt8]) throws(Failure) -> RouteTableDocument {
        do {
            return try JSONDecoder().decode(RouteTableDocument.self, from: Data(bytes))
        } catch {
            throw Failure(description: "the route table of \(origin) cannot be read: \(error)")
        }
    }
}

extension HTTPStatus {
    fileprivate static let notModified: Self = 304
}

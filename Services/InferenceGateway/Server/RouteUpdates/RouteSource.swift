import Contracts
import FoundationEssentials
import HTTP

/// Asks ModelServing for the route table.
struct RouteSource: Sendable {
    /// Bytes of a table: some 100,000 services.
    static let maximumTableBytes = 64 << 20
    static let deadlines = HTTPDeadlines(connect: .seconds(1), firstByte: .seconds(2), idle: .seconds(2))

    struct Failure: Error, Hashable, CustomStringConvertible {
        let description: String
    }

    private let transport: any HTTPTransport
    private let origin: HTTPOrigin
    private let key: String

    init(transport: any HTTPTransport, origin: HTTPOrigin, key: String) {
        self.transport = transport
        self.origin = origin
        self.key = key
    }

    /// - Parameter versions: of the shards that are known already; empty for all that there are.
    /// - Returns: the shards that are not of these versions.
    func fetch(unlike versions: [Int: Int64]) async throws(Failure) -> [RouteShardsDocument.Shard] {
        let fields: HTTPFields = ["Authorization": "Bearer \(key)", "Accept": "application/json"]
        let target = "/routes?versions=\(RouteShardsDocument.query(versions))"
        let response: HTTPResponse
        do throws(HTTPTransportError) {
            response = try await transport.send(
                HTTPRequest(.get, target, fields: fields), to: origin, deadlines: Self.deadlines)
        } catch {
            throw Failure(description: "\(origin) gives no answer: \(error)")
        }
        switch response.status {
        case .ok: return try decode(await collect(response.body))
        case .unauthorized, .forbidden:
            throw Failure(description: "\(origin) refuses this gateway's key; give both the same SLIPWAY_GATEWAY_KEY")
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

    private func decode(_ bytes: [UInt8]) throws(Failure) -> [RouteShardsDocument.Shard] {
        do {
            return try JSONDecoder().decode(RouteShardsDocument.self, from: Data(bytes)).shards
        } catch {
            throw Failure(description: "the route table of \(origin) cannot be read: \(error)")
        }
    }
}

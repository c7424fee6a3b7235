import HTTP
import JSON
import Synchronization

/// Health and metadata of one sidecar.
final class SystemAPI: Sendable {
    /// The daprd whose answers these are.
    static let runtimeVersion = "1.17.13"
    /// Entries that apps may store.
    static let maximumExtendedEntries = 128
    /// Bytes of one of them.
    static let maximumExtendedBytes = 16 << 10

    private let appID: String
    private let app: HTTPOrigin?
    private let components: [JSONValue]
    private let status: AppStatus
    private let extended = Mutex<[String: String]>([:])

    init(appID: String, app: HTTPOrigin?, components: [JSONValue], status: AppStatus) {
        self.appID = appID
        self.app = app
        self.components = components
        self.status = status
    }

    func health(_ request: HTTPRequest) throws(SidecarError) -> HTTPResponse {
        guard status.isReady else {
            throw SidecarError(.internalServerError, "ERR_HEALTH_NOT_READY", "dapr is not ready: [runtime]")
        }
        if let asked = request.parameter("appid"), asked != appID {
            throw SidecarError(.internalServerError, "ERR_HEALTH_APPID_NOT_MATCH", "dapr app-id does not match")
        }
        return HTTPResponse(.noContent)
    }

    func metadata() -> HTTPResponse {
        var extended = extended.withLock { $0 }
        extended["daprRuntimeVersion"] = Self.runtimeVersion
        let pairs = extended.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.string($0.value)) }
        var members: [(String, JSONValue)] = [
            ("id", .string(appID)), ("runtimeVersion", .string(Self.runtimeVersion)),
            ("components", .array(components)), ("extended", .object(JSONObject(pairs))), ("subscriptions", []),
        ]
        if let app {
            members.append(
                (
                    "appConnectionProperties",
                    [
                        "port": .integer(Int64(app.port)), "protocol": "http", "channelAddress": .string(app.host),
                    ]
                ))
        }
        members.append(
            ("actorRuntime", ["runtimeStatus": "DISABLED", "hostReady": false, "placement": "placement: disconnected"]))
        members.append(("workflows", [:]))
        return HTTPResponse(
            .ok, fields: ["Content-Type": "application/json"],
            body: .bytes(JSONWriter.bytes(.object(JSONObject(members)))))
    }

    func setMetadata(_ name: String, _ request: HTTPRequest) async throws(SidecarError) -> HTTPResponse {
        guard let body = try? await request.body.collect(limitBytes: Self.maximumExtendedBytes) else {
            throw .bodyTooLarge
        }
        let isStored = extended.withLock { extended in
            guard extended[name] != nil || extended.count < Self.maximumExtendedEntries else { return false }
            extended[name] = String(decoding: body, as: UTF8.self)
            return true
        }
        guard isStored else { throw .malformed("more than \(Self.maximumExtendedEntries) entries of metadata") }
        return HTTPResponse(.noContent)
    }
}

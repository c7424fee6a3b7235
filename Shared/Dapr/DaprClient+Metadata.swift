import HTTP
import JSON

extension DaprClient {
    public func metadata() async throws(DaprError) -> DaprMetadata {
        let answer = try await call(HTTPRequest(.get, "/v1.0/metadata"), within: deadlines.metadata).orThrow()
        guard let value = try? JSONParser.parse(answer.body), let appID = value["id"]?.stringValue else {
            throw .unexpected(status: answer.status.code, message: "the metadata is not what was expected")
        }
        let components = (value["components"]?.arrayValue ?? []).map { component in
            DaprMetadata.Component(
                name: component["name"]?.stringValue ?? "", type: component["type"]?.stringValue ?? "",
                version: component["version"]?.stringValue ?? "",
                capabilities: (component["capabilities"]?.arrayValue ?? []).compactMap(\.stringValue))
        }
        var extended: [String: String] = [:]
        for (name, value) in value["extended"]?.objectValue?.members ?? [] {
            extended[name] = value.stringValue
        }
        return DaprMetadata(
            appID: appID, runtimeVersion: value["runtimeVersion"]?.stringValue ?? "", components: components,
            extended: extended)
    }

    /// Stores a text under a name in the sidecar's metadata, until it ends. Idempotent.
    public func setMetadata(_ name: String, _ value: String) async throws(DaprError) {
        let request = HTTPRequest(
            .put, "/v1.0/metadata/\(PercentEncoding.encode(name))", fields: ["Content-Type": "text/plain"],
            body: HTTPBody(value))
        _ = try await call(request, within: deadlines.metadata).orThrow()
    }
}

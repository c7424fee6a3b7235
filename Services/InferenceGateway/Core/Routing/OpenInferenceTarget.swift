/// What a path of the Open Inference Protocol asks for, the part behind `/v2`.
public enum OpenInferenceTarget: Hashable, Sendable {
    case serverMetadata
    case serverLive
    case serverReady
    /// Below `/models/{name}`, with or without a version: the name is that of the service.
    case model(name: String, ModelOperation)
    case unknown

    public enum ModelOperation: Hashable, Sendable {
        case metadata
        case ready
        case infer
        /// `/health/live`, which only this gateway has.
        case live
        /// What an engine has beyond the protocol, such as Triton's `generate`.
        case other
    }

    /// - Parameters:
    ///   - segments: the path behind `/v2`, as it came, split at its slashes.
    ///   - decodedName: decodes the segment that is a name; nil if it cannot be one.
    init(_ segments: [Substring], decodedName: (Substring) -> String?) {
        switch segments.first {
        case nil: self = .serverMetadata
        case "health" where segments == ["health", "live"]: self = .serverLive
        case "health" where segments == ["health", "ready"]: self = .serverReady
        case "models" where segments.count > 1:
            guard let name = decodedName(segments[1]) else {
                self = .unknown
                return
            }
            self = .model(name: name, ModelOperation(segments[2...]))
        default: self = .unknown
        }
    }
}

extension OpenInferenceTarget.ModelOperation {
    fileprivate init(_ segments: ArraySlice<Substring>) {
        var segments = segments
        if segments.first == "versions", segments.count > 1 { segments = segments.dropFirst(2) }
        switch segments {
        case []: self = .metadata
        case ["ready"]: self = .ready
        case ["infer"]: self = .infer
        case ["health", "live"]: self = .live
        default: self = .other
        }
    }
}

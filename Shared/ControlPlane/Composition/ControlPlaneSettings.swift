import Configuration

/// The settings that every control-plane process has.
enum ControlPlaneSettings {
    static func all(port: UInt16) -> [Configuration.Setting] {
        [
            .init("SLIPWAY_HOST", default: "127.0.0.1", "address to listen on"),
            .init("SLIPWAY_PORT", default: String(port), "port to listen on; 0 takes any that is free"),
            .init("SLIPWAY_LOOPS", default: "1", "event loops"),
            .init("SLIPWAY_LOG_FORMAT", "json or text; text by default on a terminal"),
            .init("SLIPWAY_LOG_LEVEL", default: "info", "debug, info, warning or error"),
            .init(
                "SLIPWAY_DATA_DIR", default: ".slipway",
                "folder of this process: the audit log, and the files of instances"),
            .init("SLIPWAY_STATE_STORE", default: "statestore", "name of the Dapr state store"),
            .init("SLIPWAY_ACCESS_STORE", default: "accessstore", "name of the Dapr state store of access rules"),
            .init("SLIPWAY_ACCESS_MODEL_FILE", "how access is decided (PERM), if not as Slipway brings it"),
            .init("SLIPWAY_ACCESS_POLICY_FILE", "the rules to begin with, if not those that Slipway brings"),
            .init("DAPR_HTTP_PORT", default: "3500", "port of the sidecar on this machine"),
            .init("DAPR_HTTP_ENDPOINT", "URL of the sidecar, if it is elsewhere"),
            .init(
                "SLIPWAY_CA_FILE", "authorities (PEM) by which https servers are checked, instead of the system's"),
            .init("DAPR_API_TOKEN", isSecret: true, "token that the sidecar wants"),
        ] + AuthenticationSettings.all
    }
}

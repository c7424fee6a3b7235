/// Why an instance did not come to life, or lost it: a word for machines, with the rule that follows from it.
public enum FailureReason: String, Hashable, Sendable, Codable, CaseIterable {
    case modelNotFound = "ModelNotFound"
    case modelNotReadable = "ModelNotReadable"
    case modelCatalogUnavailable = "ModelCatalogUnavailable"
    case definitionMissing = "ModelDefinitionMissing"
    case definitionInvalid = "ModelDefinitionInvalid"
    /// Others hold what is needed: it may become free.
    case insufficientCapacity = "InsufficientCapacity"
    /// No pool could ever hold it.
    case capacityExceeded = "CapacityExceeded"
    case claimRefused = "ClaimRefused"
    case resourceManagementUnavailable = "ResourceManagementUnavailable"
    /// The runtime is not built in, or cannot be used on this machine.
    case runtimeNotAvailable = "RuntimeNotAvailable"
    /// The runtime does not answer at the moment.
    case runtimeUnreachable = "RuntimeUnreachable"
    case downloadFailed = "DownloadFailed"
    case modelFileMissing = "ModelFileMissing"
    case modelFileTooLarge = "ModelFileTooLarge"
    case digestMismatch = "DigestMismatch"
    /// An archive that cannot be unpacked, or that holds what an engine must not be given.
    case modelFilesUnusable = "ModelFilesUnusable"
    case storageFailed = "StorageFailed"
    case preStartActionFailed = "PreStartActionFailed"
    case commandNotFound = "CommandNotFound"
    case startRefused = "StartRefused"
    case portInUse = "PortInUse"
    /// It says itself that it cannot run as it was told to.
    case engineRefusedConfiguration = "EngineRefusedConfiguration"
    case modelNotSupported = "ModelNotSupported"
    case outOfMemory = "OutOfMemory"
    case exitedBeforeReady = "ExitedBeforeReady"
    case neverHealthy = "NeverHealthy"
    case exited = "Exited"
    case unhealthy = "Unhealthy"
    case vanished = "Vanished"
    /// The engine ended while nobody watched it: everything was stopped, or the machine was. Nobody can say whose fault
    /// it was.
    case endedUnwatched = "EndedUnwatched"
    /// What was deployed did not come up, and the cluster has given up on it.
    case deployFailed = "DeployFailed"
    /// The cluster does not take on what it was asked to deploy.
    case deployRefused = "DeployRefused"
    /// It was there, and nobody of ours took it away.
    case removedFromCluster = "RemovedFromCluster"
    /// The cluster has something of this name that is not ours.
    case nameTaken = "NameTaken"
    /// The account that Slipway has on the cluster may not do what is needed.
    case permissionDenied = "PermissionDenied"
    case imageNotPulled = "ImageNotPulled"
    /// No node has taken it, for as long as it may take to come up.
    case unschedulable = "Unschedulable"
    case internalFault = "InternalFault"

    /// How often a step may fail for this reason before the instance is given up.
    public enum RetryLimit: Hashable, Sendable {
        /// Trying again cannot help.
        case never
        /// Given up at this many failures in a row.
        case failures(Int)
        /// For as long as it takes: the fault lies with something that comes back, and nothing is wasted by waiting.
        case none
    }

    public var retryLimit: RetryLimit {
        switch self {
        case .modelNotFound, .modelNotReadable, .definitionMissing, .definitionInvalid, .capacityExceeded,
            .claimRefused, .runtimeNotAvailable, .modelFileMissing, .modelFileTooLarge, .digestMismatch,
            .modelFilesUnusable, .commandNotFound, .startRefused,
            .neverHealthy, .engineRefusedConfiguration, .modelNotSupported, .deployRefused, .nameTaken:
            .never
        case .preStartActionFailed, .exitedBeforeReady, .outOfMemory, .deployFailed, .imageNotPulled,
            .unschedulable:
            .failures(3)
        case .portInUse: .failures(5)
        case .insufficientCapacity, .downloadFailed, .storageFailed, .exited, .unhealthy, .vanished,
            .removedFromCluster, .permissionDenied, .internalFault:
            .failures(10)
        case .modelCatalogUnavailable, .resourceManagementUnavailable, .runtimeUnreachable, .endedUnwatched: .none
        }
    }

    /// False if nothing went wrong as far as anybody knows: then it is tried again at once, and nothing is counted.
    public var isHeldAgainstTheInstance: Bool { self != .endedUnwatched }

    /// Another instance of the same service may hold what is missing, so it may help to stop one.
    public var yieldsToStoppingAnother: Bool { self == .insufficientCapacity || self == .portInUse }

    /// What a person should do about it.
    public var operatorAction: String {
        switch self {
        case .modelNotFound:
            "Check model_id and version against the registry, register the version or update the service, then retry."
        case .modelNotReadable:
            "Let whoever owns the model grant read access to it, then retry."
        case .modelCatalogUnavailable:
            "Check that ModelManagement and its sidecar run (/readyz); the service goes on by itself once they do."
        case .definitionMissing:
            "Register a version of the model that has a model definition file, and update the service to it."
        case .definitionInvalid:
            "Correct the model definition file, register it as a new version, and update the service to that version."
        case .insufficientCapacity:
            "Stop another service, add capacity to the pool, or ask for less; then retry."
        case .capacityExceeded:
            "Ask for less, or enlarge a pool (or create one) so that a single replica fits; then retry."
        case .claimRefused:
            "Read the message: correct the resource requirements, the resource group or the location, then retry."
        case .resourceManagementUnavailable:
            "Check that ResourceManagement and its sidecar run (/readyz); the service goes on by itself once they do."
        case .runtimeNotAvailable:
            "Choose a runtime that is available here (process), or install the one that was asked for, then retry."
        case .runtimeUnreachable:
            "Check that the cluster answers and that its credentials are valid; the service goes on by itself then."
        case .downloadFailed:
            "Check that the model file URL can be reached from this machine, then retry."
        case .modelFileMissing:
            "Put the model file where its URL says, or register a version with the right URL; then retry."
        case .modelFileTooLarge:
            "Raise SLIPWAY_MODEL_FILE_LIMIT_BYTES on ModelServing, or serve a smaller file; then retry."
        case .digestMismatch:
            "Find out why the file differs from what was registered; restore it, or register it as a new version."
        case .modelFilesUnusable:
            "Correct what the message names, register the files as a new version, and update the service to it."
        case .storageFailed:
            "Check free space and permissions of the data directory of ModelServing, then retry."
        case .preStartActionFailed:
            "Read the instance's log, correct the pre_start_actions of the definition file, register a new version."
        case .commandNotFound:
            "Install the engine on this machine (SLIPWAY_VLLM names vLLM's), or correct start_command; then retry."
        case .startRefused:
            "Make the command of start_command executable for the user that runs ModelServing, then retry."
        case .portInUse:
            "Stop what listens on that port, or leave `port` out of the model definition file so that one is chosen."
        case .engineRefusedConfiguration:
            "Correct what the message names in the service's engine or requirements, and update the service."
        case .modelNotSupported:
            "Serve another model, or this one with an engine that knows its kind (a newer vLLM, for example)."
        case .outOfMemory:
            "Ask for more memory, or let the engine use less (a shorter context, fewer sequences at once); then retry."
        case .exitedBeforeReady:
            "Read the instance's log for the engine's own error, correct its cause, then retry."
        case .neverHealthy:
            "Read the instance's log; check health_check.path and port, or raise max_retries or interval; then retry."
        case .exited, .vanished:
            "Read the instance's log for why the engine ended (its memory limit is a common cause), then retry."
        case .endedUnwatched:
            "Nothing; the engine is started again by itself."
        case .unhealthy:
            "Read the instance's log for why the engine stopped answering, then retry."
        case .deployFailed:
            "Read the message for the error on the cluster, correct the model or the runtime_options, then retry."
        case .deployRefused:
            "Read the message, correct the runtime_options or the engine, then retry."
        case .removedFromCluster:
            "Find out who removes it, or why the cluster was started anew; it is deployed again by itself meanwhile."
        case .nameTaken:
            "Remove or rename what has that name on the cluster, or set another SLIPWAY_INSTALLATION; then retry."
        case .permissionDenied:
            "Give Slipway's account the role in deploy/kubernetes/role.yaml, or what the message names; then retry."
        case .imageNotPulled:
            "Correct runtime_options.image, or give its registry's credentials as image_pull_secrets; then retry."
        case .unschedulable:
            "Ask for less, correct node_selector, tolerations or node_name, or add such nodes; then retry."
        case .internalFault:
            "Read the log of ModelServing at that time; retry, and report it if it happens again."
        }
    }
}

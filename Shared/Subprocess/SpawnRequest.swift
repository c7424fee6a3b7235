/// A process to be started.
public struct SpawnRequest: Hashable, Sendable {
    /// What the kernel keeps the process from using more of. Each is cut down to what this process has itself.
    public enum Limit: Hashable, Sendable {
        /// Bytes of a core dump; 0 for none.
        case coreBytes(UInt64)
        case openFiles(UInt64)
        /// Bytes of address space. Engines that map their weights need far more than they hold in memory.
        case addressSpaceBytes(UInt64)
    }

    /// The command and its arguments. A command without a slash is looked for in `PATH` of `environment`.
    public var arguments: [String]
    /// All of it: nothing is inherited.
    public var environment: [String: String]
    public var workingDirectory: String
    /// Standard output and standard error are appended to this file, which is created with mode 0600.
    public var outputFile: String
    public var limits: [Limit]

    public init(
        arguments: [String], environment: [String: String], workingDirectory: String, outputFile: String,
        limits: [Limit] = []
    ) {
        self.arguments = arguments
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.outputFile = outputFile
        self.limits = limits
    }
}

/// Why a process could not be started. Then none is left behind.
public enum SpawnFailure: Error, Hashable, Sendable, CustomStringConvertible {
    case commandNotFound(command: String, searched: String)
    /// It is there, and cannot be executed.
    case notExecutable(command: String, reason: String)
    case workingDirectory(path: String, reason: String)
    case outputFile(path: String, reason: String)
    case failed(String)

    public var description: String {
        switch self {
        case .commandNotFound(let command, let searched):
            searched.isEmpty
                ? "the command \"\(command)\" does not exist" : "there is no command \"\(command)\" in \(searched)"
        case .notExecutable(let command, let reason): "the command \"\(command)\" cannot be executed: \(reason)"
        case .workingDirectory(let path, let reason): "cannot enter the directory \(path): \(reason)"
        case .outputFile(let path, let reason): "cannot write to \(path): \(reason)"
        case .failed(let reason): reason
        }
    }
}

import CProcess
import Glibc

extension SpawnRequest {
    /// Starts the process in a session and process group of its own, with standard input closed, no file of this
    /// process open, default signal dispositions and no signal blocked.
    ///
    /// It is not ended with this process. Somebody has to wait for it (`ProcessExit`), or it stays a zombie.
    public func spawn() throws(SpawnFailure) -> ProcessIdentity {
        let texts = arguments + environment.map { "\($0.key)=\($0.value)" }
        guard let command = arguments.first, !command.isEmpty else { throw .failed("the command is empty") }
        guard !texts.contains(where: { $0.utf8.contains(0) }) else {
            throw .failed("a NUL character in the command or its environment")
        }
        let path = try find(command)
        let output = unsafe cprocess_above(open(outputFile, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600))
        guard output >= 0 else { throw .outputFile(path: outputFile, reason: Self.text(of: errno)) }
        defer { close(output) }
        var failure = cprocess_failure()
        let pid = spawn(path: path, output: output, &failure)
        guard pid > 0 else { throw describe(failure, path: path) }
        guard let identity = ProcessTable.identity(of: pid) else {
            // It has ended already; the zombie keeps its pid until it is reaped, so its entry is still its own.
            let startTime = ProcessTable.entry(pid)?.startTime ?? 0
            return ProcessIdentity(pid: pid, startTime: startTime, bootID: ProcessTable.bootID)
        }
        return identity
    }

    private func spawn(path: String, output: Int32, _ failure: inout cprocess_failure) -> Int32 {
        let argumentBlock = Self.block(arguments)
        let environmentBlock = Self.block(environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })
        let limits = limits.map(\.native)
        return unsafe path.withCString { path in
            unsafe workingDirectory.withCString { directory in
                unsafe argumentBlock.withUnsafeBufferPointer { argumentBlock in
                    unsafe environmentBlock.withUnsafeBufferPointer { environmentBlock in
                        unsafe limits.withUnsafeBufferPointer { limits in
                            var native = unsafe cprocess_request(
                                path: path,
                                arguments: cprocess_texts(
                                    bytes: argumentBlock.baseAddress, count: arguments.count),
                                environment: cprocess_texts(
                                    bytes: environmentBlock.baseAddress, count: environment.count),
                                directory: directory, output: output, limits: limits.baseAddress,
                                limit_count: limits.count)
                            return unsafe cprocess_spawn(&native, &failure)
                        }
                    }
                }
            }
        }
    }

    /// Each text with a NUL behind it; never empty, so that there is an address.
    private static func block(_ texts: [String]) -> [CChar] {
        texts.flatMap { $0.utf8.map { CChar(bitPattern: $0) } + [0] } + [0]
    }

    private func find(_ command: String) throws(SpawnFailure) -> String {
        guard !command.utf8.contains(UInt8(ascii: "/")) else {
            let full = command.hasPrefix("/") ? command : "\(workingDirectory)/\(command)"
            guard unsafe access(full, F_OK) == 0 else { throw .commandNotFound(command: command, searched: "") }
            return full
        }
        let path = environment["PATH"] ?? ""
        for folder in path.split(separator: ":") where unsafe access("\(folder)/\(command)", X_OK) == 0 {
            return "\(folder)/\(command)"
        }
        throw .commandNotFound(command: command, searched: path.isEmpty ? "an empty PATH" : path)
    }

    private func describe(_ failure: cprocess_failure, path: String) -> SpawnFailure {
        let reason = Self.text(of: failure.error)
        switch cprocess_stage(UInt32(bitPattern: failure.stage)) {
        case cprocess_stage_directory: return .workingDirectory(path: workingDirectory, reason: reason)
        case cprocess_stage_exec:
            // The file is there, so what does not exist is the interpreter that its first line names.
            let hint = failure.error == ENOENT ? "its interpreter does not exist" : reason
            return .notExecutable(command: path, reason: hint)
        case cprocess_stage_limits: return .failed("cannot set a limit: \(reason)")
        default: return .failed("cannot start a process: \(reason)")
        }
    }

    private static func text(of error: Int32) -> String {
        unsafe strerror(error).map { unsafe String(cString: $0) } ?? "error \(error)"
    }
}

extension SpawnRequest.Limit {
    fileprivate var native: cprocess_limit {
        switch self {
        case .coreBytes(let value): cprocess_limit(resource: Int32(RLIMIT_CORE.rawValue), value: value)
        case .openFiles(let value): cprocess_limit(resource: Int32(RLIMIT_NOFILE.rawValue), value: value)
        case .addressSpaceBytes(let value): cprocess_limit(resource: Int32(RLIMIT_AS.rawValue), value: value)
        }
    }
}

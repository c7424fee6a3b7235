import HTTP
import Subprocess

/// Looks at what `slipway dev` and the other commands need.
struct Doctor: Sendable {
    struct Finding: Hashable, Sendable {
        enum Result: String, Sendable {
            case good
            /// Works without, or comes by itself.
            case note
            case missing

            var mark: String {
                switch self {
                case .good: "✓"
                case .note: "–"
                case .missing: "✗"
                }
            }
        }

        let subject: String
        let result: Result
        let detail: String
    }

    private let invocation: Invocation
    private let project: ProjectDirectory

    init(_ invocation: Invocation) {
        self.invocation = invocation
        project = invocation.settings.project
    }

    func examine() async -> [Finding] {
        var findings = [python, engine, resources, key]
        if let holder = (try? DevLock(file: project.lockFile).holder()) {
            findings.append(Finding(subject: "slipway dev", result: .good, detail: "runs as process \(holder.pid)"))
            for server in Settings.Server.allCases { findings.append(await answer(of: server)) }
        } else {
            findings.append(Finding(subject: "slipway dev", result: .note, detail: "does not run in this project"))
            findings.append(ports)
        }
        return findings
    }

    private var python: Finding {
        let folders = (invocation.environment["PATH"] ?? "").split(separator: ":")
        guard let folder = folders.first(where: { LocalFile.exists("\($0)/python3") }) else {
            return Finding(
                subject: "Python", result: .missing,
                detail: "the demo's engine needs it: sudo apt-get install --yes python3 python3-venv")
        }
        return Finding(subject: "Python", result: .good, detail: "\(folder)/python3")
    }

    private var engine: Finding {
        let program = project.folder.resolve(".venv/engines/bin/llama-server")
        return LocalFile.exists(program)
            ? Finding(subject: "Engine", result: .good, detail: program)
            : Finding(
                subject: "Engine", result: .note, detail: "the first slipway dev --demo installs llama.cpp's server")
    }

    private var resources: Finding {
        let machine = MachineResources.read()
        let gpus = machine.gpus == 0 ? "no GPU" : "\(machine.gpus) GPUs"
        return Finding(
            subject: "Resources", result: .good,
            detail: "\(machine.cores) cores, \(byteText(machine.memoryMebibytes << 20)) of memory, \(gpus)")
    }

    private var key: Finding {
        do throws(CommandFailure) {
            _ = try invocation.settings.credential()
            return Finding(subject: "Key", result: .good, detail: "found")
        } catch {
            return Finding(subject: "Key", result: .note, detail: "none yet: the first slipway dev makes one")
        }
    }

    /// The ports that `slipway dev` would use.
    private var ports: Finding {
        let ports = DevPorts(base: DevPorts.defaultBase, sidecar: DevPorts.defaultSidecar)
        let table = ListeningPorts()
        let taken = ports.all.compactMap { port in table.listener(on: port).map { "\(port) by \($0)" } }
        return taken.isEmpty
            ? Finding(subject: "Ports", result: .good, detail: "all free")
            : Finding(
                subject: "Ports", result: .missing,
                detail: "taken: \(taken.joined(separator: ", ")); stop them, or pass --base-port to slipway dev")
    }

    private func answer(of server: Settings.Server) async -> Finding {
        let origin = invocation.settings.origin(of: server)
        do throws(CommandFailure) {
            // Any answer will do: whether it is the right key is another question.
            _ = try await invocation.client.send(HTTPRequest(.get, "/healthz"), to: server)
            return Finding(subject: server.rawValue, result: .good, detail: "answers at \(origin)")
        } catch {
            return Finding(subject: server.rawValue, result: .missing, detail: error.message)
        }
    }
}

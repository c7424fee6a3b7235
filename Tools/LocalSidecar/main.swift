import FoundationEssentials
import Glibc
import Lifecycle

// What apps store is nobody else's business.
umask(0o077)
let process = SidecarProcess(
    arguments: Array(CommandLine.arguments.dropFirst()), environment: ProcessInfo.processInfo.environment)
exit(await process.run(until: TerminationSignals()))

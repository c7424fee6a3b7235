import FoundationEssentials
import Glibc
import Lifecycle
import Observability

let signals = TerminationSignals()
do throws(GatewaySettings.Failure) {
    let information = ProcessInfo.processInfo
    let settings = try GatewaySettings(
        environment: information.environment, arguments: Array(information.arguments.dropFirst()),
        cores: information.activeProcessorCount)
    exit(await GatewayProcess(settings).run(until: signals))
} catch {
    (error.isHelp ? StandardStream.output : .error).write(error.description)
    exit(error.isHelp ? 0 : 2)
}

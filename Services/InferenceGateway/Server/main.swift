import FoundationEssentials
import Glibc
import Lifecycle
import Observability

let signals = TerminationSignals()
do throws(GatewaySettings.Failure) {
    let information = ProcessInfo.processInfo
    let settings = try GatewaySettings(
        environment: information.environment, arguments: Array(information.arguments.dropFirst()),
        cores: information.activeProcessorCount, hostName: information.hostName)
    let sink = StandardErrorLogSink(format: settings.logFormat)
    exit(await GatewayProcess(settings, sink: sink).run(until: signals))
} catch {
    (error.isHelp ? StandardStream.output : .error).write(error.description)
    exit(error.isHelp ? 0 : 2)
}

import Audit
import Observability

extension AuditLog {
    /// Where a process keeps its log.
    static func folder(in dataFolder: String, of appID: String) -> String { "\(dataFolder)/audit/\(appID)" }

    /// Says in the log of the process what is said of the chain's past in the chain itself.
    func tellNews(_ logger: Logger) {
        for event in news {
            switch event {
            case .gap(let reason): logger.error("the audit log is not whole", ["folder": folder, "reason": reason])
            case .mended(let bytes):
                logger.warning(
                    "the audit log ended with a part of a line, which was cut off",
                    ["folder": folder, "bytes": "\(bytes)"])
            case .change, .outcome, .refusal: continue
            }
        }
    }
}

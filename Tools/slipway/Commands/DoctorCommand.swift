import JSON

/// `slipway doctor`
let doctorCommand = Command(
    "doctor", "Say what is missing on this machine, and how to get it",
    examples: ["slipway doctor"]
) { invocation throws(CommandFailure) in
    let findings = await Doctor(invocation).examine()
    let document = JSONValue.array(
        findings.map {
            ["check": .string($0.subject), "result": .string($0.result.rawValue), "detail": .string($0.detail)]
        })
    invocation.show(document) { _ in
        findings.map { finding in
            let padding = String(repeating: " ", count: max(1, 20 - finding.subject.count))
            return "  \(finding.result.mark) \(finding.subject)\(padding)\(finding.detail)\n"
        }.joined()
    }
    guard !findings.contains(where: { $0.result == .missing }) else {
        throw CommandFailure(.failed, "Something that is needed is missing.")
    }
}

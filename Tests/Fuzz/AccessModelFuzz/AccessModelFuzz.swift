import Authorization

/// Any text as a model file: it is refused with a place in it, or decides whatever is asked without trapping.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzAccessModel(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let text = String(decoding: UnsafeBufferPointer(start: data, count: count), as: UTF8.self)
    do throws(SourceError) {
        decideAll(try AccessModel(parsing: text))
    } catch {
        let lines = text.count { $0.isNewline } + 1
        precondition((1...lines).contains(error.line) && error.column >= 1, "\(error) of \(lines) lines")
    }
    return 0
}

private func decideAll(_ model: AccessModel) {
    let kinds = ["p", "p2", "g", "g2"]
    for policies in [
        "", "p, alice, /data/1, read, allow, 1, x, y\ng, alice, staff, here, there\n",
        "p, alice, *, read\np2, staff, [0-9]+, 1 == 1\ng, alice, staff\ng2, /data/1, data\n",
    ] {
        guard let file = try? PolicyFile(parsing: policies),
            let policy = try? AccessPolicy(model, PolicyFile(file.rules.filter { kinds.contains($0.kind) }))
        else { continue }
        for context in model.contexts {
            for size in 0...4 {
                let request = Array(["alice", "/data/1", "read", "here"].prefix(size))
                let decision = policy.decide(request, in: context)
                precondition(decision.problem == nil || !decision.isAllowed, "\(request): \(decision)")
            }
        }
    }
}

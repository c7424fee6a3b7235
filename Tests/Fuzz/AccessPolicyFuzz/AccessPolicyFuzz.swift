import Authorization

/// Any text as a policy file: it is refused with a place in it, or reads the same after it was written out again, and
/// decides whatever is asked without trapping.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzAccessPolicy(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let text = String(decoding: UnsafeBufferPointer(start: data, count: count), as: UTF8.self)
    do throws(SourceError) {
        let file = try PolicyFile(parsing: text)
        checkWriting(file)
        for model in models { decideAll(try AccessPolicy(model, file), file) }
    } catch {
        let lines = text.utf8.count { $0 == UInt8(ascii: "\n") } + 1
        precondition((1...lines).contains(error.line) && error.column >= 1, "\(error) of \(lines) lines")
    }
    return 0
}

private let models = [
    "g(r.sub, p.sub) && keyMatch3(r.obj, p.obj) && keyMatch(r.act, p.act)",
    "r.sub == p.sub && regexMatch(r.obj, p.obj)",
    "ipMatch(r.sub, p.sub) || globMatch(r.obj, p.obj)",
    "keyMatch5(r.obj, p.obj) || keyGet2(r.obj, p.obj, p.act) == r.act",
].compactMap { matcher in
    try? AccessModel(
        parsing: """
            [request_definition]
            r = sub, obj, act
            [policy_definition]
            p = sub, obj, act, eft
            [role_definition]
            g = _, _
            [policy_effect]
            e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
            [matchers]
            m = \(matcher)
            """)
}

/// Quoted, every field is read as it was.
private func checkWriting(_ file: PolicyFile) {
    for rule in file.rules {
        let fields = [rule.kind] + rule.fields
        let line = fields.map(quoted).joined(separator: ", ")
        guard line.utf8.count <= PolicyFile.maximumLineBytes else { continue }
        let again = (try? PolicyFile(parsing: line))?.rules.first
        precondition(
            again.map { ([$0.kind] + $0.fields).elementsEqual(fields) { $0.utf8.elementsEqual($1.utf8) } } == true,
            "\(fields) became \(String(describing: again))")
    }
}

/// Scalar by scalar: a quote with a combining mark behind it is another character, and still a quote.
private func quoted(_ field: String) -> String {
    let scalars = field.unicodeScalars.flatMap { $0 == "\"" ? [$0, $0] : [$0] }
    return "\"\(String(String.UnicodeScalarView(scalars)))\""
}

private func decideAll(_ policy: AccessPolicy, _ file: PolicyFile) {
    let names = file.rules.prefix(4).flatMap { $0.fields.prefix(3) } + ["alice", "/data/1", "10.0.0.1"]
    for name in names.prefix(8) {
        let decision = policy.decide([name, names[names.count - 1], "read"])
        precondition(decision.problem == nil || !decision.isAllowed, "\(name): \(decision)")
        _ = policy.decide([names[0], name, name])
        precondition(policy.roles(of: name).count <= file.rules.count + 1)
    }
}

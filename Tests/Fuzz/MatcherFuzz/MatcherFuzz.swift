import Authorization

/// Any text as a matcher, with policies in the lines behind it: it is refused, or decides without trapping, and finds
/// by its indexes what looking at every policy finds.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzMatcher(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = UnsafeBufferPointer(start: data, count: count)
    let end = bytes.firstIndex(of: UInt8(ascii: "\n")) ?? bytes.endIndex
    let matcher = String(decoding: bytes[..<end], as: UTF8.self)
    let rest = String(decoding: bytes[end...], as: UTF8.self)
    guard !matcher.contains(where: \.isNewline), let policies = try? PolicyFile(parsing: rest) else { return 0 }
    for effect in ["some(where (p.eft == allow))", "!some(where (p.eft == deny))"] {
        // Nothing within a negation is looked up.
        guard let indexed = policy(matcher, effect, policies),
            let plain = policy("!(!(\(matcher)))", effect, policies)
        else { continue }
        for request in requests(policies) {
            let (found, evaluated) = (indexed.decide(request), plain.decide(request))
            precondition(found.problem == nil || !found.isAllowed, "\(found)")
            guard found.problem == nil, evaluated.problem == nil else { continue }
            precondition(
                found.isAllowed == evaluated.isAllowed,
                "\(matcher) of \(request): \(found), and \(evaluated) without an index")
        }
    }
    return 0
}

private func policy(_ matcher: String, _ effect: String, _ policies: PolicyFile) -> AccessPolicy? {
    let text = """
        [request_definition]
        r = sub, obj, act
        [policy_definition]
        p = sub, obj, act, eft
        [role_definition]
        g = _, _
        g2 = _, _, _
        [policy_effect]
        e = \(effect)
        [matchers]
        m = \(matcher)
        """
    guard let model = try? AccessModel(parsing: text) else { return nil }
    return try? AccessPolicy(model, policies)
}

private func requests(_ policies: PolicyFile) -> [[Value]] {
    let fields = policies.rules.prefix(3).flatMap { $0.fields.prefix(3) }
    let alice = Value.object([
        "Age": .number(61), "Name": .string("alice"), "Tags": .list([.string("x"), .bool(true)]),
    ])
    return [
        [.string("alice"), .string("/data/1"), .string("read")], [alice, alice, .string("read")],
        [.number(7), .string(""), .bool(true)],
    ] + fields.prefix(4).map { [.string($0), .string(fields[fields.count - 1]), .string($0)] }
}

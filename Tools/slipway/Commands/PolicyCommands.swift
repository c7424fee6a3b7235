import Authorization
import JSON

/// `slipway policy`
let policyCommands = Command(
    "policy", "Check access models and policies offline",
    examples: ["slipway policy test --model model.conf --policy policy.csv --requests requests.csv"],
    group: [policyTestCommand])

private let policyTestCommand = Command(
    "test", "Decide requests, one a line (CSV) from standard input, by a Casbin model and its policies",
    flags: [
        .init("model", value: "FILE", "the model: PERM, as Casbin reads it"),
        .init("policy", value: "FILE", "the policies: CSV"),
        .init("requests", value: "FILE", "read requests from here instead"),
        .init("definitions", value: "N", "decide by rN, pN, eN and mN instead of r, p, e and m"),
        .init("role-pattern", value: "G=FUNCTION", "names of roles are patterns: g=keyMatch2"),
        .init("domain-pattern", value: "G=FUNCTION", "names of domains are patterns: g=keyMatch"),
        .init("explain", "say behind each decision which policy made it"),
        .init("repeat", value: "N", "decide everything N times more, and say how long a decision took"),
    ],
    examples: [
        "slipway policy test --model model.conf --policy policy.csv",
        "slipway policy test --model model.conf --policy policy.csv --requests requests.csv --explain",
    ]
) { invocation throws(CommandFailure) in
    let policy = try accessPolicy(invocation)
    let context = AccessModel.Context(suffix: invocation.arguments.string("definitions") ?? "")
    let isExplaining = invocation.arguments.isOn("explain")
    let repetitions = try invocation.arguments.integer("repeat", in: 1...1_000_000_000).map { Int($0) }
    var requests: [[Value]] = []
    var answers: [JSONValue] = []
    try forEachRequest(invocation) { number, line throws(CommandFailure) in
        let request = try requestValues(line, number)
        if repetitions != nil { requests.append(request) }
        let decision = policy.decide(request, in: context)
        if let problem = decision.problem { invocation.terminal.noteLine("line \(number): \(problem)") }
        let rule = decision.rule.map { ([$0.kind] + $0.fields).joined(separator: ", ") }
        switch invocation.format {
        case .table:
            let reason = isExplaining ? "\t" + (rule ?? decision.problem ?? "no policy") : ""
            invocation.terminal.writeLine("\(decision.isAllowed)\(reason)")
        case .json:
            var answer = JSONObject([("request", .string(line)), ("allowed", .bool(decision.isAllowed))])
            answer["rule"] = rule.map(JSONValue.string)
            answer["problem"] = decision.problem.map(JSONValue.string)
            answers.append(.object(answer))
        }
    }
    if invocation.format == .json { invocation.terminal.writeLine(JSONWriter.text(.array(answers), style: .indented)) }
    if let repetitions, !requests.isEmpty {
        let time = ContinuousClock().measure {
            for _ in 0..<repetitions { for request in requests { _ = policy.decide(request, in: context) } }
        }
        let each = time / (repetitions * requests.count) / .nanoseconds(1)
        invocation.terminal.noteLine("\(repetitions * requests.count) decisions, \(Int(each)) ns each")
    }
}

private func accessPolicy(_ invocation: Invocation) throws(CommandFailure) -> AccessPolicy {
    let (modelFile, modelText) = try file("model", invocation, maximumSize: LocalFile.maximumSize)
    let (policyFile, policyText) = try file("policy", invocation, maximumSize: PolicyFile.maximumBytes)
    let patterns = try rolePatterns(invocation.arguments)
    let model: AccessModel
    do throws(SourceError) {
        model = try AccessModel(parsing: modelText)
    } catch {
        throw CommandFailure(.usage, "\(modelFile), \(error).")
    }
    do throws(SourceError) {
        return try AccessPolicy(model, try PolicyFile(parsing: policyText), rolePatterns: patterns)
    } catch {
        throw CommandFailure(.usage, "\(policyFile), \(error).")
    }
}

private func file(
    _ flag: String, _ invocation: Invocation, maximumSize: Int
) throws(CommandFailure) -> (path: String, text: String) {
    guard let path = invocation.arguments.string(flag) else { throw CommandFailure(.usage, "--\(flag) is missing.") }
    return (path, try LocalFile.text(invocation.workingFolder.resolve(path), maximumSize: maximumSize))
}

private func rolePatterns(_ arguments: ParsedArguments) throws(CommandFailure) -> RolePatterns {
    func pair(_ flag: String) throws(CommandFailure) -> [String: String] {
        guard let text = arguments.string(flag) else { return [:] }
        let parts = text.split(separator: "=", maxSplits: 1)
        guard parts.count == 2 else { throw CommandFailure(.usage, "--\(flag) must be such as g=keyMatch2.") }
        return [String(parts[0]): String(parts[1])]
    }
    guard let patterns = RolePatterns(names: try pair("role-pattern"), domains: try pair("domain-pattern")) else {
        throw CommandFailure(.usage, "Patterns are keyMatch, keyMatch2 to 5, regexMatch, globMatch and ipMatch.")
    }
    return patterns
}

private func forEachRequest(
    _ invocation: Invocation, _ body: (Int, String) throws(CommandFailure) -> Void
) throws(CommandFailure) {
    var number = 0
    if let path = invocation.arguments.string("requests") {
        let text = try LocalFile.text(invocation.workingFolder.resolve(path), maximumSize: PolicyFile.maximumBytes)
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            number += 1
            if !isSkipped(line) { try body(number, String(line)) }
        }
        return
    }
    while let line = readLine() {
        number += 1
        if !isSkipped(line[...]) { try body(number, line) }
    }
}

private func isSkipped(_ line: Substring) -> Bool {
    let text = line.drop { $0.isWhitespace }
    return text.isEmpty || text.first == "#"
}

/// A field that is a JSON object has attributes.
private func requestValues(_ line: String, _ number: Int) throws(CommandFailure) -> [Value] {
    let fields: [String]
    do throws(SourceError) {
        fields = try CSVLine.fields(line, number)
    } catch {
        throw CommandFailure(.usage, "The request in \(error).")
    }
    return fields.map { field in
        guard field.hasPrefix("{"), let document = try? JSONParser.parse(Array(field.utf8)) else {
            return .string(field)
        }
        return Value(document)
    }
}

extension Value {
    fileprivate init(_ document: JSONValue) {
        switch document {
        case .object(let object):
            self = .object(
                Dictionary(object.members.map { ($0.name, Value($0.value)) }, uniquingKeysWith: { $1 }))
        case .array(let elements): self = .list(elements.map(Value.init))
        case .string(let text): self = .string(text)
        case .bool(let value): self = .bool(value)
        case .null: self = .string("")
        case .integer(let number): self = .number(Double(number))
        case .number(let number): self = .number(number)
        }
    }
}

import HTTP

/// Any bytes: the parser must not trap, must say the same however they are split, and what it accepts must read the
/// same after it was written out again.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzRequestParser(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: count))
    let limits = HTTPHeadLimits(headBytes: 2048, fieldCount: 20, targetBytes: 512, nominatedFieldCount: 4)
    let whole = parse(bytes, limits, step: max(1, bytes.count))
    for step in [1, 7] {
        let split = parse(bytes, limits, step: step)
        precondition(split == whole, "in steps of \(step): \(split), whole: \(whole)")
    }
    if case .head(let text, _) = whole { checkForwarding(text, bytes, limits) }
    return 0
}

private enum Outcome: Equatable {
    case incomplete
    case refused(Int)
    case head(String, consumed: Int)
}

private func parse(_ bytes: [UInt8], _ limits: HTTPHeadLimits, step: Int) -> Outcome {
    var parser = HTTPRequestParser(limits: limits)
    var arrived = 0
    while arrived < bytes.count {
        arrived = min(bytes.count, arrived + step)
        do throws(HTTPParseError) {
            if let (head, consumed) = try parser.parse(bytes, 0..<arrived) {
                return .head(describe(head), consumed: consumed)
            }
        } catch {
            return .refused(error.status.code)
        }
    }
    return .incomplete
}

private func describe(_ head: HTTPRequestHead) -> String {
    let fields = head.fields.pairs.map { "\($0.name)=\($0.value)" }
    return "\(head.method) \(head.target) \(head.framing) \(head.keepAlive) \(head.expectsContinue) \(fields)"
}

/// What goes on to the other end is again a request, with one Host, no framing of its own and the same fields.
private func checkForwarding(_ text: String, _ bytes: [UInt8], _ limits: HTTPHeadLimits) {
    var parser = HTTPRequestParser(limits: limits)
    guard let (head, _) = try? parser.parse(bytes, 0..<bytes.count) else { preconditionFailure(text) }
    var fields = head.fields
    fields.removeHopByHop()
    precondition(HTTPHeadWriter.isValid(head.method, head.target), text)
    var wire: [UInt8] = []
    HTTPHeadWriter.writeRequestLine(head.method, head.target, HTTPHeadWriter.afterTarget(authority: "x"), to: &wire)
    HTTPHeadWriter.writeFields(fields, leavingOut: .request, to: &wire)
    wire.appendLineEnd()
    var again = HTTPRequestParser()
    guard let (forwarded, consumed) = try? again.parse(wire, 0..<wire.count) else { preconditionFailure(text) }
    precondition(consumed == wire.count && forwarded.framing == .none, text)
    precondition(forwarded.method == head.method && forwarded.target == head.target, text)
    let sent = forwarded.fields.pairs.dropFirst().map { "\($0.name)=\($0.value)" }
    precondition(sent == fields.pairs.map { "\($0.name)=\($0.value)" }, text)
}

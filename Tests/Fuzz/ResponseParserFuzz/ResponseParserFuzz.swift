import HTTP

/// Any bytes, answering GET or HEAD: the parser must not trap, and must say the same however they are split.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzResponseParser(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: count))
    for method in [HTTPMethod.get, .head] {
        let whole = parse(bytes, method, step: max(1, bytes.count))
        for step in [1, 7] {
            let split = parse(bytes, method, step: step)
            precondition(split == whole, "in steps of \(step): \(split), whole: \(whole)")
        }
    }
    return 0
}

private func parse(_ bytes: [UInt8], _ method: HTTPMethod, step: Int) -> String {
    var parser = HTTPResponseParser(limits: HTTPHeadLimits(headBytes: 2048, fieldCount: 20, nominatedFieldCount: 4))
    var arrived = 0
    while arrived < bytes.count {
        arrived = min(bytes.count, arrived + step)
        do throws(HTTPParseError) {
            guard let (head, consumed) = try parser.parse(bytes, 0..<arrived, answering: method) else { continue }
            precondition(consumed <= arrived && (100..<600).contains(head.status.code))
            precondition(method != .head || head.framing == .none)
            let fields = head.fields.pairs.map { "\($0.name)=\($0.value)" }
            return "\(head.status) \(head.framing) \(head.keepAlive) \(consumed) \(fields)"
        } catch {
            return "refused: \(error.status)"
        }
    }
    return "incomplete"
}

import JSON

extension JSONValue {
    /// Whether it says the same: Serve writes whole numbers with a fraction, and members in another order. A member
    /// that is null says nothing.
    func saysTheSame(as other: JSONValue) -> Bool {
        switch (self, other) {
        case (.object(let left), .object(let right)):
            let names = Set(left.names).union(right.names)
            return names.allSatisfy { (left[$0] ?? .null).saysTheSame(as: right[$0] ?? .null) }
        case (.array(let left), .array(let right)):
            return left.elementsEqual(right) { $0.saysTheSame(as: $1) }
        case (.integer(let integer), .number(let number)), (.number(let number), .integer(let integer)):
            return Double(integer) == number
        case (.null, _), (.bool, _), (.integer, _), (.number, _), (.string, _), (.array, _), (.object, _):
            return self == other
        }
    }
}

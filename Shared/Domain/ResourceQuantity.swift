/// A Kubernetes quantity: a decimal number with an optional suffix (`500m`, `2`, `1.5`, `512Mi`, `1G`; no exponents).
///
/// Kept as thousandths, so the largest is about 9.2e15 and anything finer than a thousandth is refused.
public struct ResourceQuantity: Hashable, Sendable {
    public let thousandths: Int64

    public struct ParseError: Error, Hashable {
        public let message: String
    }

    public enum Unit: Sendable {
        /// Must come out whole.
        case wholes
        case thousandths
        /// Rounded up.
        case mebi
    }

    /// The longest text accepted.
    public static let maximumLength = 32

    public init(_ text: String) throws(ParseError) {
        let malformed = ParseError(
            message: "\"\(text.prefix(Self.maximumLength))\" is not a quantity; write for example 1, 500m or 512Mi")
        guard !text.isEmpty, text.utf8.count <= Self.maximumLength else { throw malformed }
        let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        guard let factor = Self.factors[String(text.dropFirst(number.count))] else { throw malformed }
        let parts = number.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, let whole = Int64(parts[0]) else { throw malformed }
        let fraction = parts.count == 2 ? String(parts[1]) : ""
        guard parts.count == 1 || !fraction.isEmpty, fraction.count <= 9, fraction.allSatisfy(\.isNumber) else {
            throw malformed
        }
        var value = whole.multipliedReportingOverflow(by: factor)
        guard !value.overflow else { throw ParseError(message: "\"\(text)\" is too large") }
        if let digits = Int64(fraction) {
            var scale: Int64 = 1
            for _ in 0..<fraction.count { scale *= 10 }
            let product = digits.multipliedReportingOverflow(by: factor)
            guard !product.overflow else { throw ParseError(message: "\"\(text)\" is too large") }
            guard product.partialValue % scale == 0 || factor > 1000 else {
                throw ParseError(message: "\"\(text)\" is finer than a thousandth")
            }
            value = value.partialValue.addingReportingOverflow((product.partialValue + scale - 1) / scale)
            guard !value.overflow else { throw ParseError(message: "\"\(text)\" is too large") }
        }
        thousandths = value.partialValue
    }

    /// The quantity in `unit`.
    public func amount(in unit: Unit) throws(ParseError) -> Int64 {
        switch unit {
        case .thousandths: return thousandths
        case .wholes:
            guard thousandths % 1000 == 0 else { throw ParseError(message: "must be a whole number") }
            return thousandths / 1000
        case .mebi:
            let mebi: Int64 = 1000 << 20
            return thousandths / mebi + (thousandths % mebi == 0 ? 0 : 1)
        }
    }

    /// Suffix to its value in thousandths.
    private static let factors: [String: Int64] = [
        "m": 1, "": 1000, "k": 1_000_000, "M": 1_000_000_000, "G": 1_000_000_000_000, "T": 1_000_000_000_000_000,
        "Ki": 1000 << 10, "Mi": 1000 << 20, "Gi": 1000 << 30, "Ti": 1000 << 40,
    ]
}

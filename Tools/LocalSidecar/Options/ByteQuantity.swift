/// A number of bytes as daprd's flags give it: `4096`, `4Ki`, `16Mi`, `1M`.
enum ByteQuantity {
    /// Nil for anything else, and for more than fits.
    static func parse(_ text: String) -> Int? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int(digits), let factor = factors[String(text.dropFirst(digits.count))] else { return nil }
        let (bytes, isOverflow) = number.multipliedReportingOverflow(by: factor)
        return isOverflow ? nil : bytes
    }

    private static let factors = [
        "": 1, "k": 1000, "M": 1_000_000, "G": 1_000_000_000, "Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30,
    ]
}

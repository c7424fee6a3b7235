/// Numbers for texts, so that finding what is said of them compares numbers.
struct Symbols: Sendable {
    typealias Symbol = Int32

    private var numbers: [ExactText: Symbol] = [:]
    private(set) var texts: [String] = []

    /// Nil for a text that was never added.
    subscript(_ text: String) -> Symbol? { numbers[ExactText(text)] }

    subscript(_ symbol: Symbol) -> String { texts[Int(symbol)] }

    mutating func add(_ text: String) -> Symbol {
        if let known = self[text] { return known }
        let symbol = Symbol(texts.count)
        texts.append(text)
        numbers[ExactText(text)] = symbol
        return symbol
    }
}

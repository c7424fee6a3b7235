extension String {
    /// With a mark in place of each control character but line breaks and tabs: what servers and models say must not
    /// command the reader's terminal.
    var printable: String {
        guard unicodeScalars.contains(where: Self.isControl) else { return self }
        var text = UnicodeScalarView()
        for scalar in unicodeScalars { text.append(Self.isControl(scalar) ? "\u{FFFD}" : scalar) }
        return String(text)
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "\n", "\t": false
        // A carriage return alone goes back to the line's begin, to write over it.
        case "\r": true
        default: scalar.properties.generalCategory == .control
        }
    }
}

import Configuration

/// The name under which everything of this installation is found on a cluster: part of names and labels there.
struct Installation {
    static let defaultName = "slipway"
    static let maximumLength = 20

    let name: String

    init(_ configuration: Configuration) throws(Configuration.Failure) {
        let name = try configuration.string("SLIPWAY_INSTALLATION")
        let isLabel =
            name.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
            } && !name.hasPrefix("-") && !name.hasSuffix("-") && (1...Self.maximumLength).contains(name.utf8.count)
        guard isLabel else {
            throw .invalid(
                "SLIPWAY_INSTALLATION is \"\(name)\"; it must be 1 to \(Self.maximumLength) lower-case letters, digits "
                    + "and hyphens, with none of these at either end")
        }
        self.name = name
    }
}

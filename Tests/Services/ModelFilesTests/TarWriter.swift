/// Writes archives that no honest `tar` would: what an attacker may send.
struct TarWriter {
    enum Kind: String {
        case file = "0"
        case hardLink = "1"
        case link = "2"
        case device = "3"
        case folder = "5"
        case pipe = "6"
    }

    private(set) var bytes: [UInt8] = []

    mutating func add(
        _ name: String, _ kind: Kind = .file, _ content: String = "", to target: String = "", size: Int? = nil
    ) {
        var header = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, at offset: Int) {
            for (index, byte) in text.utf8.enumerated() { header[offset + index] = byte }
        }
        func octal(_ number: Int, _ digits: Int) -> String {
            let text = String(number, radix: 8)
            return String(repeating: "0", count: digits - text.count) + text
        }
        put(name, at: 0)
        put("0000000", at: 100)
        put("0001750", at: 108)
        put("0001750", at: 116)
        put(octal(size ?? content.utf8.count, 11), at: 124)
        put("14000000000", at: 136)
        put("        ", at: 148)
        put(kind.rawValue, at: 156)
        put(target, at: 157)
        put("ustar", at: 257)
        put("00", at: 263)
        put(octal(header.reduce(0) { $0 + Int($1) }, 6), at: 148)
        header[154] = 0
        bytes += header
        bytes += Array(content.utf8)
        bytes += [UInt8](repeating: 0, count: (512 - content.utf8.count % 512) % 512)
    }

    var whole: [UInt8] { bytes + [UInt8](repeating: 0, count: 1024) }
}

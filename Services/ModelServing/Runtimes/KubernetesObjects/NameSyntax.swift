/// The rules of Kubernetes for names, so that what it would refuse is refused when a service is asked for.
public enum NameSyntax {
    /// RFC 1123: labels with dots between them.
    public static func isSubdomain(_ text: String) -> Bool {
        text.utf8.count <= 253
            && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { part in
                isWord(part, maximumLength: 63) {
                    isLower($0) || isDigit($0)
                } inside: {
                    $0 == UInt8(ascii: "-")
                }
            }
    }

    public static func isLabelValue(_ text: String) -> Bool {
        text.isEmpty || isWord(text[...], maximumLength: 63, edge: isAlphanumeric, inside: isJoint)
    }

    /// Of a label, with or without a domain before it: `example.com/zone`.
    public static func isLabelName(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let name = parts.last, parts.count <= 2 else { return false }
        guard parts.count == 1 || isSubdomain(String(parts[0])) else { return false }
        return isWord(name, maximumLength: 63, edge: isAlphanumeric, inside: isJoint)
    }

    /// Of an environment variable.
    public static func isVariable(_ text: String) -> Bool {
        guard let first = text.utf8.first, isLetter(first) || first == UInt8(ascii: "_") else { return false }
        return text.utf8.allSatisfy { isAlphanumeric($0) || isJoint($0) }
    }

    /// `registry.example:5000/team/image:tag`, roughly: what no registry could mean.
    public static func isImage(_ text: String) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.last, text.utf8.count <= 512 else { return false }
        return isAlphanumeric(first) && isAlphanumeric(last)
            && text.utf8.allSatisfy { isAlphanumeric($0) || isJoint($0) || "/:@+".utf8.contains($0) }
    }

    private static func isWord(
        _ text: Substring, maximumLength: Int, edge: (UInt8) -> Bool, inside: (UInt8) -> Bool
    ) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.last, text.utf8.count <= maximumLength else {
            return false
        }
        return edge(first) && edge(last) && text.utf8.allSatisfy { edge($0) || inside($0) }
    }

    private static func isLower(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z") }
    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
    private static func isLetter(_ byte: UInt8) -> Bool { isLower(byte | 0x20) }
    private static func isAlphanumeric(_ byte: UInt8) -> Bool { isLetter(byte) || isDigit(byte) }
    private static func isJoint(_ byte: UInt8) -> Bool { "-._".utf8.contains(byte) }
}

import Cryptography
import FoundationEssentials
import Subprocess

/// The one key that may do everything. Only its digest is kept, so that no log and no dump can show it.
public struct AdminKey: Sendable, CustomStringConvertible {
    /// Characters of a key at least; what `slipway dev` makes has 43.
    public static let minimumLength = 24
    public static let maximumLength = 512

    /// Why there is no usable key, as a sentence that says what to do.
    public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        public let description: String
    }

    private let digest: SHA256Digest

    /// - Throws: `Failure` if the key is too short or long, or holds anything but visible ASCII: then it could not be
    ///   sent in a header as it is.
    public init(_ key: String) throws(Failure) {
        guard key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw Failure(description: "the admin key holds spaces or characters that do not fit into a header")
        }
        guard (Self.minimumLength...Self.maximumLength).contains(key.utf8.count) else {
            throw Failure(
                description: "the admin key must have \(Self.minimumLength) to \(Self.maximumLength) characters; "
                    + "make one with: openssl rand -hex 32")
        }
        digest = SHA256.hash(key)
    }

    /// Takes the key itself, or the file that holds it (one line).
    /// - Throws: `Failure` if there is neither or both, or if others may read the file.
    public static func load(key: String?, file: String?) throws(Failure) -> AdminKey {
        try AdminKey(text(key: key, file: file))
    }

    /// The key's text, for a process that has to present it to another. A secret.
    /// - Throws: as `load`.
    public static func text(key: String?, file: String?) throws(Failure) -> String {
        let text: String
        switch (key, file) {
        case (let key?, nil): text = key
        case (nil, let file?): text = try contents(of: file)
        case (nil, nil):
            throw Failure(
                description: "no admin key: set SLIPWAY_ADMIN_KEY, or SLIPWAY_ADMIN_KEY_FILE to a file of mode 0600")
        case (_?, _?):
            throw Failure(description: "set SLIPWAY_ADMIN_KEY or SLIPWAY_ADMIN_KEY_FILE, not both")
        }
        _ = try AdminKey(text)
        return text
    }

    /// Whether this is the key, in a time that does not tell how much of it is right.
    public func matches(_ presented: String) -> Bool {
        constantTimeEquals(digest.bytes, SHA256.hash(presented).bytes)
    }

    public var description: String { "admin key" }

    private static func contents(of path: String) throws(Failure) -> String {
        // Of the file behind a link: the permissions of the link itself say nothing.
        guard let mode = FileStatus.permissions(of: path), let data = FileManager.default.contents(atPath: path) else {
            throw Failure(description: "the admin key file \(path) cannot be read")
        }
        guard mode == 0o600 || mode == 0o400 else {
            throw Failure(
                description: "the admin key file \(path) has mode 0\(String(mode, radix: 8)); "
                    + "nobody else may read it: chmod 600 \(path)")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw Failure(description: "the admin key file \(path) is not text")
        }
        return String(text.last == "\n" ? text.dropLast() : text[...])
    }
}

import Cryptography
import FoundationEssentials
import Subprocess

/// A key that was handed out beforehand and stands for who has it. Only its digest is kept, so that no log and no dump
/// can show it.
public struct PresharedKey: Sendable, CustomStringConvertible {
    /// Whose key it is.
    public enum Holder: String, Hashable, Sendable {
        /// May do everything.
        case admin
        case gateway

        /// The setting that holds the key; with `_FILE` behind it, the one that names a file.
        public var setting: String { "SLIPWAY_\(rawValue.uppercased())_KEY" }
    }

    /// Characters of a key at least; what `slipway dev` makes has 43.
    public static let minimumLength = 24
    public static let maximumLength = 512

    /// Why there is no usable key, as a sentence that says what to do.
    public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        public let description: String
    }

    public let holder: Holder
    private let digest: SHA256Digest

    /// - Throws: `Failure` if the key is too short or long, or holds anything but visible ASCII: then it could not be
    ///   sent in a header as it is.
    public init(_ key: String, of holder: Holder) throws(Failure) {
        guard key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw Failure(
                description: "the \(holder) key holds spaces or characters that do not fit into a header")
        }
        guard (Self.minimumLength...Self.maximumLength).contains(key.utf8.count) else {
            throw Failure(
                description: "the \(holder) key must have \(Self.minimumLength) to \(Self.maximumLength) characters; "
                    + "make one with: openssl rand -hex 32")
        }
        self.holder = holder
        digest = SHA256.hash(key)
    }

    /// Takes the key itself, or the file that holds it (one line).
    /// - Throws: `Failure` if there is neither or both, or if others may read the file.
    public static func load(key: String?, file: String?, of holder: Holder) throws(Failure) -> PresharedKey {
        try PresharedKey(text(key: key, file: file, of: holder), of: holder)
    }

    /// The key's text, for a process that has to present it to another. A secret.
    /// - Throws: as `load`.
    public static func text(key: String?, file: String?, of holder: Holder) throws(Failure) -> String {
        guard let text = try textIfSet(key: key, file: file, of: holder) else {
            throw Failure(
                description: "no \(holder) key: set \(holder.setting), or \(holder.setting)_FILE to a file of mode 0600"
            )
        }
        return text
    }

    /// As `text`, for a key that a process can do without; nil if there is neither.
    public static func textIfSet(key: String?, file: String?, of holder: Holder) throws(Failure) -> String? {
        let text: String
        switch (key, file) {
        case (let key?, nil): text = key
        case (nil, let file?): text = try contents(of: file, holder)
        case (nil, nil): return nil
        case (_?, _?):
            throw Failure(description: "set \(holder.setting) or \(holder.setting)_FILE, not both")
        }
        _ = try PresharedKey(text, of: holder)
        return text
    }

    /// Whether this is the key, in a time that does not tell how much of it is right.
    public func matches(_ presented: String) -> Bool {
        constantTimeEquals(digest.bytes, SHA256.hash(presented).bytes)
    }

    public var description: String { "\(holder) key" }

    private static func contents(of path: String, _ holder: Holder) throws(Failure) -> String {
        // Of the file behind a link: the permissions of the link itself say nothing.
        guard let mode = FileStatus.permissions(of: path), let data = FileManager.default.contents(atPath: path) else {
            throw Failure(description: "the \(holder) key file \(path) cannot be read")
        }
        guard mode == 0o600 || mode == 0o400 else {
            throw Failure(
                description: "the \(holder) key file \(path) has mode 0\(String(mode, radix: 8)); "
                    + "nobody else may read it: chmod 600 \(path)")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw Failure(description: "the \(holder) key file \(path) is not text")
        }
        return String(text.last == "\n" ? text.dropLast() : text[...])
    }
}

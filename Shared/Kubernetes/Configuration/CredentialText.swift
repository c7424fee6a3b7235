import Subprocess
import Synchronization

/// Something in PEM: written out in the configuration, or in a file that may be renewed.
enum CredentialText: Sendable {
    case inline(SecretText)
    case file(CredentialFile)

    func text() throws(KubernetesError) -> String {
        switch self {
        case .inline(let secret): secret.text
        case .file(let file): try file.text()
        }
    }
}

/// A file with a token, a certificate or a key, which somebody rewrites from time to time.
final class CredentialFile: Sendable {
    /// How long what was read is used. A pod's token is renewed long before it expires.
    static let maximumAge: Duration = .seconds(60)
    static let maximumBytes = 1 << 20

    let path: String
    private let kept = Mutex<(text: SecretText, readAt: ContinuousClock.Instant)?>(nil)

    init(_ path: String) { self.path = path }

    /// What is in the file, without white space around it.
    /// - Throws: `misconfigured`, if it cannot be read and never could.
    func text() throws(KubernetesError) -> String {
        let now = ContinuousClock.now
        let kept = kept.withLock { $0 }
        if let kept, now - kept.readAt < Self.maximumAge { return kept.text.text }
        do throws(KubernetesError) {
            let text = try Self.read(path)
            self.kept.withLock { $0 = (SecretText(text), now) }
            return text
        } catch {
            // It may be in the middle of being replaced.
            guard let kept else { throw error }
            return kept.text.text
        }
    }

    /// The next call reads the file again.
    func renew() { kept.withLock { $0 = nil } }

    static func read(_ path: String) throws(KubernetesError) -> String {
        guard let reader = FileReader(path) else { throw .misconfigured("the file \(path) cannot be read") }
        var bytes: [UInt8] = []
        do throws(FileReader.ReadFailure) {
            while true {
                let piece = try reader.next(limitBytes: 65_536)
                if piece.isEmpty { break }
                bytes += piece
                guard bytes.count <= maximumBytes else { break }
            }
        } catch {
            throw .misconfigured("the file \(path) cannot be read: \(error.reason)")
        }
        guard bytes.count <= maximumBytes else { throw .misconfigured("the file \(path) is too large") }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .misconfigured("the file \(path) is not UTF-8 text")
        }
        let trimmed = trim(text)
        guard !trimmed.isEmpty else { throw .misconfigured("the file \(path) is empty") }
        return trimmed
    }

    private static func trim(_ text: String) -> String {
        var part = text[...]
        while part.first?.isWhitespace == true { part.removeFirst() }
        while part.last?.isWhitespace == true { part.removeLast() }
        return String(part)
    }
}

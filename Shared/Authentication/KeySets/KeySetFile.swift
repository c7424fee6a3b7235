import FoundationEssentials
import Subprocess
import Synchronization

/// A key set in a file, which is read again whenever it has changed.
public final class KeySetFile: KeySetSource {
    private let path: String
    private let known = Mutex<(status: FileStatus, mode: UInt32, keys: JSONWebKeySet)?>(nil)

    public init(path: String) { self.path = path }

    public func load() throws(KeySetFailure) -> JSONWebKeySet {
        // Before it is read: what is written meanwhile counts as another change.
        guard let status = FileStatus(path), let mode = FileStatus.permissions(of: path) else {
            throw KeySetFailure("the key set \(path) is no file that this process can read")
        }
        if let known = known.withLock({ $0 }), known.status == status, known.mode == mode { return known.keys }
        guard status.sizeBytes <= JSONWebKeySet.maximumBytes else {
            throw KeySetFailure("the key set \(path) is larger than \(JSONWebKeySet.maximumBytes) bytes")
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw KeySetFailure("the key set \(path) is no file that this process can read")
        }
        let keys = try JSONWebKeySet(usable: Array(data), from: path)
        if keys.keys.contains(where: \.isSecret), mode & 0o077 != 0 {
            throw KeySetFailure(
                "the key set \(path) holds secrets (kty oct) and has mode 0\(String(mode, radix: 8)); "
                    + "nobody else may read it: chmod 600 \(path)")
        }
        known.withLock { $0 = (status, mode, keys) }
        return keys
    }
}

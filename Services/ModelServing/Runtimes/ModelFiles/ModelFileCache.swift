import Domain
import FoundationEssentials
import ModelServingCore
import Subprocess

/// The model files that a machine has: `<data>/models/<sha256>`, each fetched once and checked before its first use.
/// What an archive holds is unpacked once, to `<data>/models/<sha256>.folder`.
///
/// A file is fetched under another name and renamed when its digest is right, so that what has the digest's name has
/// the digest; a folder likewise when everything is in it. Several processes of ours may fetch the same file at the
/// same time: the last one's stays. A hard link shares its bytes with the original, which may be changed in place: a
/// stamp tells that, and the file is hashed again.
public struct ModelFileCache: Sendable {
    /// Who may read what is kept.
    public enum Readers: Hashable, Sendable {
        case owner
        /// Every user of every machine that sees the folder. Files are copied then and never linked.
        case everyone
    }

    private let folder: String
    private let fetcher: ModelFileFetcher
    private let readers: Readers
    /// One fetch at a time for each file.
    private let turns = DigestTurns()

    /// - Parameter data: an absolute path.
    public init(data: String, fetcher: ModelFileFetcher, readers: Readers = .owner) {
        folder = data + "/models"
        self.fetcher = fetcher
        self.readers = readers
    }

    /// The model on this machine. Takes as long as a download takes; a later call for the same file finds it there.
    /// - Throws: a failure with the reason `digestMismatch`, `modelFileMissing`, `modelFileTooLarge`, `downloadFailed`,
    ///   `modelFilesUnusable`, `commandNotFound` (there is no `tar`) or `storageFailed`.
    public func files(of model: ResolvedModel) async throws(Failure) -> CachedModel {
        let digest = model.sha256.lowercased()
        let path = "\(folder)/\(digest)"
        try await turns.take(digest)
        do throws(Failure) {
            if try await !isIntact(path, digest) { try await fetch(model, digest, to: path) }
            let content = try await unpacked(path, of: model)
            turns.release(digest)
            return CachedModel(file: path, folder: content)
        } catch {
            turns.release(digest)
            throw error
        }
    }

    private func unpacked(_ path: String, of model: ResolvedModel) async throws(Failure) -> String? {
        guard let archive = ModelArchive(url: model.fileURL) else { return nil }
        let whole = path + ".folder"
        if !FileManager.default.fileExists(atPath: whole) {
            PartialFile.removeAbandoned(in: folder)
            let part = PartialFile.name(for: whole)
            defer { try? FileManager.default.removeItem(atPath: part) }
            let unpacking = ArchiveUnpacking(
                archive: archive, path: path, limitBytes: fetcher.limitBytes, readers: readers)
            try await unpacking.run(into: part)
            do throws(FileMove.Failed) {
                try FileMove.replace(whole, with: part)
            } catch {
                // Another process of ours was faster.
                guard FileManager.default.fileExists(atPath: whole) else {
                    throw Failure(.storageFailed, "cannot keep \(whole): \(error)")
                }
            }
        }
        return UnpackedFolder(path: whole).content
    }

    private func isIntact(_ path: String, _ digest: String) async throws(Failure) -> Bool {
        guard let stamp = FileStatus(path) else { return false }
        if stamp == FileStatus(writtenTo: path + ".stamp") { return true }
        guard try await FileDigest.sha256(of: path) == digest else {
            try? FileManager.default.removeItem(atPath: path)
            return false
        }
        stamp.write(to: path + ".stamp")
        return true
    }

    private func fetch(_ model: ResolvedModel, _ digest: String, to path: String) async throws(Failure) {
        let part = PartialFile.name(for: path)
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true,
                attributes: [.posixPermissions: readers == .owner ? 0o700 : 0o755])
        } catch {
            throw Failure(.storageFailed, "cannot make the folder \(folder): \(error)")
        }
        PartialFile.removeAbandoned(in: folder)
        defer { try? FileManager.default.removeItem(atPath: part) }
        try await fetcher.fetch(model.fileURL, to: part, mayLink: readers == .owner)
        let actual = try await FileDigest.sha256(of: part)
        guard actual == digest else {
            throw Failure(
                .digestMismatch,
                "the file at \(model.fileURL) has the SHA-256 \(actual), but \(digest) was registered")
        }
        do {
            if readers == .everyone {
                try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: part)
            }
            try FileMove.replace(path, with: part)
        } catch {
            throw Failure(.storageFailed, "cannot keep \(path): \(error)")
        }
        FileStatus(path)?.write(to: path + ".stamp")
    }
}

import Domain
import FoundationEssentials
import ModelServingCore
import Subprocess
import Synchronization

/// The model files that this machine has: `<data>/models/<sha256>`, each fetched once and checked before its first use.
///
/// A file is fetched under another name and renamed when its digest is right, so that what has the digest's name has
/// the digest. Several processes of ours may fetch the same file at the same time: the last one's stays. A hard link
/// shares its bytes with the original, which may be changed in place: a stamp tells that, and the file is hashed again.
struct ModelFileCache: Sendable {
    private let folder: String
    private let fetcher: ModelFileFetcher
    /// One fetch at a time for each file.
    private let turns = DigestTurns()

    init(data: String, fetcher: ModelFileFetcher) {
        folder = data + "/models"
        self.fetcher = fetcher
    }

    /// The path of the model's file on this machine.
    /// - Throws: a failure with the reason `digestMismatch`, `modelFileMissing`, `modelFileTooLarge`, `downloadFailed`
    ///   or `storageFailed`.
    func file(of model: ResolvedModel) async throws(Failure) -> String {
        let digest = model.sha256.lowercased()
        let path = "\(folder)/\(digest)"
        try await turns.take(digest)
        do throws(Failure) {
            if try await !isIntact(path, digest) { try await fetch(model, digest, to: path) }
            turns.release(digest)
        } catch {
            turns.release(digest)
            throw error
        }
        return path
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
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw Failure(.storageFailed, "cannot make the folder \(folder): \(error)")
        }
        PartialFile.removeAbandoned(in: folder)
        defer { try? FileManager.default.removeItem(atPath: part) }
        try await fetcher.fetch(model.fileURL, to: part)
        let actual = try await FileDigest.sha256(of: part)
        guard actual == digest else {
            throw Failure(
                .digestMismatch,
                "the file at \(model.fileURL) has the SHA-256 \(actual), but \(digest) was registered")
        }
        do throws(FileMove.Failed) {
            try FileMove.replace(path, with: part)
        } catch {
            throw Failure(.storageFailed, "cannot keep \(path): \(error)")
        }
        FileStatus(path)?.write(to: path + ".stamp")
    }
}

extension FileStatus {
    init?(writtenTo path: String) {
        guard let data = FileManager.default.contents(atPath: path),
            let status = try? JSONDecoder().decode(FileStatus.self, from: data)
        else { return nil }
        self = status
    }

    func write(to path: String) {
        // Without it the file is hashed again the next time.
        guard let data = try? JSONEncoder().encode(self) else { return }
        try? data.write(to: URL(filePath: path), options: .atomic)
    }
}

/// Lets one task at a time have a digest.
private final class DigestTurns: Sendable {
    private struct Lane {
        var waiting: [(number: Int, turn: CheckedContinuation<Bool, Never>)] = []
    }

    private struct State {
        var lanes: [String: Lane] = [:]
        var lastNumber = 0
    }

    private let state = Mutex(State())

    func take(_ digest: String) async throws(Failure) {
        let number = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        let isMine = await withTaskCancellationHandler {
            await withCheckedContinuation { turn in
                let verdict = state.withLock { state -> Bool? in
                    if Task.isCancelled { return false }
                    guard state.lanes[digest] != nil else {
                        state.lanes[digest] = Lane()
                        return true
                    }
                    state.lanes[digest]?.waiting.append((number, turn))
                    return nil
                }
                if let verdict { turn.resume(returning: verdict) }
            }
        } onCancel: {
            let turn = state.withLock { state -> CheckedContinuation<Bool, Never>? in
                guard let index = state.lanes[digest]?.waiting.firstIndex(where: { $0.number == number }) else {
                    return nil
                }
                return state.lanes[digest]?.waiting.remove(at: index).turn
            }
            turn?.resume(returning: false)
        }
        guard isMine else { throw Failure(.internalFault, "waiting for the model file was given up") }
    }

    func release(_ digest: String) {
        let turn = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard state.lanes[digest]?.waiting.isEmpty == false else {
                state.lanes[digest] = nil
                return nil
            }
            return state.lanes[digest]?.waiting.removeFirst().turn
        }
        turn?.resume(returning: true)
    }
}

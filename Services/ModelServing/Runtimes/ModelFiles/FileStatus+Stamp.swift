import FoundationEssentials
import Subprocess

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

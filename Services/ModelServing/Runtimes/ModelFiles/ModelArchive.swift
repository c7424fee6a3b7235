/// What a model file URL ends with says whether it is a model folder in one file.
public enum ModelArchive: Hashable, Sendable, CaseIterable {
    case tar
    case gzippedTar

    /// Nil for a file that is used as it is.
    public init?(url: String) {
        let path = url.prefix { $0 != "?" && $0 != "#" }.lowercased()
        guard let archive = Self.allCases.first(where: { $0.endings.contains { path.hasSuffix($0) } }) else {
            return nil
        }
        self = archive
    }

    /// A file's name without what says that it is an archive.
    public static func nameWithoutEnding(_ name: String) -> String {
        let lower = name.lowercased()
        let ending = allCases.flatMap(\.endings).first { lower.hasSuffix($0) }
        return String(name.dropLast(ending?.count ?? 0))
    }

    var endings: [String] {
        switch self {
        case .tar: [".tar"]
        case .gzippedTar: [".tar.gz", ".tgz"]
        }
    }

    var tarOptions: [String] {
        switch self {
        case .tar: []
        case .gzippedTar: ["--gzip"]
        }
    }
}

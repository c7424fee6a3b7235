/// A folder that relative paths are relative to.
struct Folder: Hashable, Sendable {
    /// Absolute, without a slash at the end.
    let path: String

    /// `file` as seen from here, absolute.
    func resolve(_ file: String) -> String {
        guard !file.hasPrefix("/") else { return file }
        let name = file.hasPrefix("./") ? file.dropFirst(2) : file[...]
        return name.isEmpty || name == "." ? path : "\(path)/\(name)"
    }
}

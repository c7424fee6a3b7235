/// A path of a model definition file. It is written as if the instance's folder were the root of the file system, with
/// or without a leading slash.
struct FolderPath: Hashable, Sendable {
    /// Without a slash at either end; empty for the folder itself.
    let relative: String

    init(_ text: String) {
        relative = text.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    }

    func path(in folder: String) -> String { relative.isEmpty ? folder : "\(folder)/\(relative)" }

    static func problem(in text: String) -> String? {
        text.split(separator: "/").contains("..") ? "must not lead out of the instance's folder with .." : nil
    }
}

import Access
import Configuration
import FoundationEssentials

extension AccessFiles {
    /// Reads the files that the settings name.
    /// - Throws: `Configuration.Failure`, naming the file and the place in it.
    init(_ configuration: Configuration) throws {
        let model = try configuration.string("SLIPWAY_ACCESS_MODEL_FILE")
        let policy = try configuration.string("SLIPWAY_ACCESS_POLICY_FILE")
        do {
            try self.init(model: Self.text(of: model), policy: Self.text(of: policy))
        } catch let failure as Failure {
            let path = failure.file == .model ? model : policy
            throw Configuration.Failure.invalid("\(path), \(failure.error)")
        }
    }

    private static func text(of path: String) throws -> String {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Configuration.Failure.invalid(
                "the access rules file \(path) cannot be read; SLIPWAY_ACCESS_MODEL_FILE and "
                    + "SLIPWAY_ACCESS_POLICY_FILE name the two of them, which Slipway brings in config/")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw Configuration.Failure.invalid("the access rules file \(path) is not text")
        }
        return text
    }
}

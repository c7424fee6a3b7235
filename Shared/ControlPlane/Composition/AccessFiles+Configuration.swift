import Access
import Configuration
import FoundationEssentials

extension AccessFiles {
    /// Reads the files that the settings name; what they do not name is as Slipway brings it.
    /// - Throws: `Configuration.Failure`, naming the file and the place in it.
    init(_ configuration: Configuration) throws {
        let model = configuration.optional("SLIPWAY_ACCESS_MODEL_FILE")
        let policy = configuration.optional("SLIPWAY_ACCESS_POLICY_FILE")
        do {
            try self.init(
                model: try model.map(Self.text) ?? Self.shippedModel,
                policy: try policy.map(Self.text) ?? Self.shippedPolicy)
        } catch let failure as Failure {
            let path = failure.file == .model ? model : policy
            throw Configuration.Failure.invalid("\(path ?? "the shipped access \(failure.file)"), \(failure.error)")
        }
    }

    private static func text(of path: String) throws -> String {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Configuration.Failure.invalid("the access rules file \(path) cannot be read")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw Configuration.Failure.invalid("the access rules file \(path) is not text")
        }
        return text
    }
}

import FoundationEssentials
import JSON
import YAML

/// What the folders of `--resources-path` and the files of `--config` hold.
struct Resources: Sendable {
    private(set) var components: [Component] = []
    /// Documents of a kind that means nothing here, as `Kind name`.
    private(set) var skipped: [String] = []
    private(set) var samplingRate: String?

    init(paths: [String], configurationFiles: [String], environment: [String: String]) throws(ComponentFileError) {
        var documents: [JSONValue] = []
        for path in paths {
            guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
                throw ComponentFileError(message: "the resources folder \(path) cannot be read")
            }
            for name in names.sorted() where name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
                documents += try Self.documents("\(path)/\(name)")
            }
        }
        let secretStores = Self.environmentSecretStores(documents)
        for document in documents {
            let kind = document["kind"]?.stringValue ?? ""
            guard kind == "Component" else {
                skipped.append("\(kind) \(document["metadata"]?["name"]?.stringValue ?? "")")
                continue
            }
            components.append(
                try Component(
                    document,
                    secret: { store, _, key in secretStores.contains(store) ? environment[key] ?? "" : nil },
                    environment: environment))
        }
        for path in configurationFiles {
            for document in try Self.documents(path) where document["kind"]?.stringValue == "Configuration" {
                samplingRate = document["spec"]?["tracing"]?["samplingRate"].flatMap(Self.rate) ?? samplingRate
            }
        }
    }

    private static func documents(_ path: String) throws(ComponentFileError) -> [JSONValue] {
        guard let data = FileManager.default.contents(atPath: path), let text = String(validating: data, as: UTF8.self)
        else { throw ComponentFileError(message: "\(path) cannot be read as text") }
        do throws(YAMLError) {
            return try YAMLParser.parseDocuments(text).filter { !$0.isNull }
        } catch {
            throw ComponentFileError(message: "\(path): \(error)")
        }
    }

    /// The names of the stores whose secrets are this process's environment.
    private static func environmentSecretStores(_ documents: [JSONValue]) -> Set<String> {
        Set(
            documents.filter {
                $0["kind"]?.stringValue == "Component" && $0["spec"]?["type"]?.stringValue == "secretstores.local.env"
            }.compactMap { $0["metadata"]?["name"]?.stringValue })
    }

    private static func rate(_ value: JSONValue) -> String? {
        switch value {
        case .string(let text): text
        case .integer(let integer): String(integer)
        case .number(let double): String(double)
        case .null, .bool, .array, .object: nil
        }
    }
}

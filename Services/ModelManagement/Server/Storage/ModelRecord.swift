import Domain
import ModelManagementCore
import Persistence

/// A model as it is stored under `model:{id}`.
struct ModelRecord: EntityRecord {
    struct Version: Codable, Sendable {
        let number: Int
        let modelFileURL: String
        let sha256: String
        let sizeBytes: StoredInteger?
        let format: String?
        let hasDefinition: Bool
        let state: String
        let createdAt: Timestamp

        private enum CodingKeys: String, CodingKey {
            case number, sha256, format, state
            case modelFileURL = "model_file_url"
            case sizeBytes = "size_bytes"
            case hasDefinition = "has_definition"
            case createdAt = "created_at"
        }
    }

    let id: ModelID
    let name: String
    let description: String
    let ownerID: String
    let inputSchema: String?
    let outputSchema: String?
    let tokenContextLimit: StoredInteger?
    let versions: [Version]
    let aliases: [String: Int]
    let lastVersion: Int
    let generation: Int
    let createdAt: Timestamp
    let updatedAt: Timestamp

    var uuid: UUIDv7 { id.uuid }

    private enum CodingKeys: String, CodingKey {
        case id, name, description, versions, aliases, generation
        case ownerID = "owner_id"
        case inputSchema = "input_schema"
        case outputSchema = "output_schema"
        case tokenContextLimit = "token_context_limit"
        case lastVersion = "last_version"
        case createdAt = "created_at"
        case updatedAt = "updated_at"
    }
}

/// The definition of one version, under `definition:{model_id}:{version}`. Never changes.
struct DefinitionRecord: StateRecord {
    let text: String
}

extension ModelRecord {
    static func collection(in records: RecordStore) -> EntityCollection<Self> { EntityCollection("model", in: records) }

    init(_ model: Model) {
        id = model.id
        name = model.details.name.description
        description = model.details.description
        ownerID = model.details.ownerID
        inputSchema = model.details.metadata.inputSchema
        outputSchema = model.details.metadata.outputSchema
        tokenContextLimit = model.details.metadata.tokenContextLimit.map { StoredInteger($0) }
        versions = model.versions.map(Version.init)
        aliases = Dictionary(uniqueKeysWithValues: model.aliases.map { ($0.key.description, $0.value) })
        lastVersion = model.lastVersion
        generation = model.generation
        createdAt = model.createdAt
        updatedAt = model.updatedAt
    }

    /// - Throws: `.internalFault` if what is stored breaks the rules of the registry.
    func model() throws(ServiceError) -> Model {
        guard let name = EntityName(name) else { throw Self.damaged(id, "name") }
        var aliases: [ModelAlias: Int] = [:]
        for (alias, number) in self.aliases { aliases[try ModelAlias(alias)] = number }
        var versions: [ModelVersion] = []
        for version in self.versions { versions.append(try version.version(of: id)) }
        return Model(
            id: id,
            details: ModelDetails(
                name: name, description: description, ownerID: ownerID,
                metadata: ModelMetadata(
                    inputSchema: inputSchema, outputSchema: outputSchema, tokenContextLimit: tokenContextLimit?.value)),
            versions: versions, aliases: aliases, lastVersion: lastVersion, generation: generation,
            createdAt: createdAt, updatedAt: updatedAt)
    }

    fileprivate static func damaged(_ id: ModelID, _ field: String) -> ServiceError {
        .internalFault(detail: "the record of model \(id) holds an impossible \(field)")
    }
}

extension ModelRecord.Version {
    init(_ version: ModelVersion) {
        number = version.number
        modelFileURL = version.file.url.description
        sha256 = version.file.sha256.description
        sizeBytes = version.file.sizeBytes.map { StoredInteger($0) }
        format = version.file.format
        hasDefinition = version.hasDefinition
        state = version.state.rawValue
        createdAt = version.createdAt
    }

    func version(of id: ModelID) throws(ServiceError) -> ModelVersion {
        guard let sha256 = ModelFileDigest(sha256), let state = ModelVersion.State(rawValue: state),
            let url = try? ModelFileURL(modelFileURL)
        else { throw ModelRecord.damaged(id, "version \(number)") }
        return ModelVersion(
            number: number, file: ModelFile(url: url, sha256: sha256, sizeBytes: sizeBytes?.value, format: format),
            hasDefinition: hasDefinition, state: state, createdAt: createdAt)
    }
}

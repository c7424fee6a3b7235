import Domain
import ModelManagementCore
import Persistence

/// Models in the state store, each change in one transaction.
struct DaprModelRepository: ModelRepository {
    private let records: RecordStore
    private let models: EntityCollection<ModelRecord>

    init(_ records: RecordStore) {
        self.records = records
        models = ModelRecord.collection(in: records)
    }

    func insert(_ model: Model, once key: IdempotencyKey?) async throws(ServiceError) -> ModelID {
        try await records.change(lanes: models.lanes(indexing: model.id.uuid), once: key) {
            () async throws(ServiceError) -> Decision<ModelID> in
            var transaction = StateTransaction()
            guard try await models.insert(ModelRecord(model), into: &transaction) else { return .settled(model.id) }
            return .commit(transaction, model.id)
        }
    }

    func read(_ id: ModelID) async throws(ServiceError) -> Model {
        try await models.read(id.uuid).record.model()
    }

    func find(named name: EntityName) async throws(ServiceError) -> Model? {
        try await models.find(named: name.description)?.record.model()
    }

    func page(
        _ page: PageRequest, where isIncluded: (ModelID, _ ownerID: String) -> Bool
    ) async throws(ServiceError) -> Page<Model> {
        let found = try await models.page(page) { isIncluded($0.id, $0.ownerID) }
        var elements: [Model] = []
        for stored in found.elements { elements.append(try stored.record.model()) }
        return Page(elements: elements, next: found.next)
    }

    func update(
        _ id: ModelID, _ change: (inout Model) throws(ServiceError) -> Void
    ) async throws(ServiceError) -> Model {
        try await records.change(lanes: models.lanes(changing: id.uuid)) {
            () async throws(ServiceError) -> Decision<Model> in
            let stored = try await models.read(id.uuid)
            var model = try stored.record.model()
            try change(&model)
            var transaction = StateTransaction()
            try await models.replace(stored, with: ModelRecord(model), into: &transaction)
            return .commit(transaction, model)
        }
    }

    func addVersion(
        to id: ModelID, definition: String?, once key: IdempotencyKey?,
        _ add: (inout Model) throws(ServiceError) -> Int
    ) async throws(ServiceError) -> Int {
        try await records.change(lanes: models.lanes(changing: id.uuid), once: key) {
            () async throws(ServiceError) -> Decision<Int> in
            let stored = try await models.read(id.uuid)
            var model = try stored.record.model()
            let number = try add(&model)
            var transaction = StateTransaction()
            try await models.replace(stored, with: ModelRecord(model), into: &transaction)
            if let definition {
                try transaction.insert(definitionKey(id, number), DefinitionRecord(text: definition))
            }
            return .commit(transaction, number)
        }
    }

    func definition(of id: ModelID, version: Int) async throws(ServiceError) -> String? {
        try await records.read(definitionKey(id, version))?.record.text
    }

    func delete(
        _ id: ModelID, if isAllowed: (Model) throws(ServiceError) -> Void
    ) async throws(ServiceError) {
        try await records.change(lanes: models.lanes(indexing: id.uuid)) {
            () async throws(ServiceError) -> Decision<Bool> in
            let stored = try await models.read(id.uuid)
            let model = try stored.record.model()
            try isAllowed(model)
            var transaction = StateTransaction()
            try await models.delete(stored, into: &transaction)
            let keys = model.versions.filter(\.hasDefinition).map { definitionKey(id, $0.number) }
            for definition in try await records.read(keys) { transaction.delete(definition) }
            return .commit(transaction, true)
        }
    }

    private func definitionKey(_ id: ModelID, _ version: Int) -> RecordKey<DefinitionRecord> {
        RecordKey("definition:\(id):\(version)")
    }
}

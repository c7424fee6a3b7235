import ControlPlane
import Domain
import HTTP
import JSON
import ModelServingCore

/// The body of `POST /model_services`, of its dry run, and of `PUT /model_services/{id}`.
struct ServiceRequest: Sendable {
    enum Purpose: Sendable {
        case creation
        /// Fields that are absent stay as they are.
        case update
    }

    /// Of one type, in its own unit; far above any machine, and exact in the store.
    static let maximumAmount: Int64 = 1_000_000_000_000
    private static let maximumQuantities = 16
    private static let maximumPlaceLength = 128

    let name: ServiceName?
    let ownerID: String?
    let change: ConfigurationChange
    /// Everything that is wrong with the body; then nothing of it may be used but for a dry run.
    let problems: [FieldProblem]

    init(_ body: JSONValue, for purpose: Purpose) {
        let fields = JSONFields(body)
        name = Self.name(fields, purpose)
        ownerID = fields.ownerID()
        var change = ConfigurationChange()
        change.modelID = Self.modelID(fields, purpose)
        change.modelVersion = Self.version(fields)
        let (requirements, wrong) = Self.requirements(fields)
        change.requirements = requirements
        change.resourceGroup = fields.optionalString("resource_group", maximumLength: Self.maximumPlaceLength)
        change.location = fields.optionalString("location", maximumLength: Self.maximumPlaceLength)
        change.poolLabels = fields.optionalLabels("pool_labels")
        change.placement = fields.optionalChoice("placement")
        change.runtime = fields.optionalChoice("runtime")
        change.replicas = fields.optionalInteger("replicas", in: ServiceConfiguration.replicaRange)
        change.visibility = fields.optionalChoice("visibility")
        change.balancing = fields.optionalChoice("balancing")
        change.flowControl = Self.flowControl(fields)
        change.canaryPercent = fields.optionalInteger("canary_percent", in: ServiceConfiguration.canaryPercentRange)
        // Other fields are left as they are by null; a canary that is none ends.
        if fields.isNull("canary_percent") { change.canaryPercent = 100 }
        change.engine = fields.optionalObject("engine").map { EngineConfiguration($0) }
        // None again, so that the model definition file counts.
        if fields.isNull("engine") { change.engine = .some(nil) }
        change.options = fields.optionalObject("runtime_options").map(RuntimeOptions.init)
        self.change = change
        var problems = wrong
        do throws(JSONFieldProblems) {
            try fields.finish()
        } catch {
            problems = error.problems.map { FieldProblem(field: $0.pointer, message: $0.message) } + wrong
        }
        self.problems = problems
    }

    /// - Throws: `.invalid` with every problem.
    func validate() throws(ServiceError) {
        guard problems.isEmpty else { throw .invalid(problems) }
    }

    /// A new service's; nil without a model.
    var configuration: ServiceConfiguration? {
        guard let modelID = change.modelID else { return nil }
        return ServiceConfiguration(
            modelID: modelID, modelVersion: change.modelVersion ?? .latest,
            requirements: change.requirements ?? ResourceRequirements(), resourceGroup: change.resourceGroup,
            location: change.location, poolLabels: change.poolLabels, placement: change.placement,
            runtime: change.runtime ?? .process, replicas: change.replicas ?? 1,
            visibility: change.visibility ?? .private, balancing: change.balancing, flowControl: change.flowControl,
            engine: change.engine ?? nil, options: change.options)
    }

    private static func name(_ fields: JSONFields, _ purpose: Purpose) -> ServiceName? {
        guard let value = fields.optional("name") else {
            if purpose == .creation { fields.reject("name", "is required") }
            return nil
        }
        guard let text = value.stringValue else {
            fields.reject("name", "must be a string, not \(value.typeName)")
            return nil
        }
        if let problem = ServiceName.problem(in: text) { fields.reject("name", problem) }
        return ServiceName(text)
    }

    private static func modelID(_ fields: JSONFields, _ purpose: Purpose) -> ModelID? {
        if purpose == .update, fields.optional("model_id") == nil { return nil }
        return fields.identifier("model_id")
    }

    /// A version number may be written as a number.
    private static func version(_ fields: JSONFields) -> ModelVersionSelector? {
        guard let value = fields.optional("version") else { return nil }
        if let number = value.integerValue, (1...Int64(Int32.max)).contains(number) {
            return ModelVersionSelector(Int(number))
        }
        let selector = value.stringValue.flatMap { ModelVersionSelector($0) }
        if selector == nil { fields.reject("version", "must be a version number from 1, an alias or latest") }
        return selector
    }

    private static func flowControl(_ fields: JSONFields) -> FlowControl? {
        fields.optionalObject("flow_control").map { fields in
            FlowControl(
                concurrency: fields.optionalInteger("concurrency", in: FlowControl.concurrencyRange),
                queueLength: fields.optionalInteger("queue_length", in: FlowControl.queueLengthRange),
                queueSeconds: fields.optionalInteger("queue_seconds", in: FlowControl.queueSecondsRange))
        }
    }

    private static func requirements(_ fields: JSONFields) -> (ResourceRequirements?, [FieldProblem]) {
        let quantities = fields.optionalStrings(
            "resource_requirements", maximumCount: maximumQuantities, maximumLength: ResourceQuantity.maximumLength,
            acceptingNumbers: true)
        guard let quantities else { return (nil, []) }
        do throws(ServiceError) {
            let requirements = try ResourceRequirements.parse(quantities, path: "/resource_requirements")
            for (type, amount) in requirements.amounts where amount > maximumAmount {
                fields.reject("resource_requirements", "\(amount) of \(type.rawValue) is more than any pool can have")
            }
            return (requirements, [])
        } catch {
            guard case .invalid(let problems) = error else { return (nil, []) }
            return (nil, problems)
        }
    }
}

extension JSONFields {
    /// The limits of what Core counts are plain integers.
    func optionalInteger(_ name: String, in range: ClosedRange<Int>) -> Int? {
        optionalInteger(name, in: Int64(range.lowerBound)...Int64(range.upperBound)).map { Int($0) }
    }
}

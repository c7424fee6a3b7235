import Domain
import JSON
import ModelServingCore

/// `runtime_options` of a service's body.
extension RuntimeOptions {
    /// Reads all of it; every problem is the fields' to tell.
    init(_ fields: JSONFields) {
        self.init()
        image = fields.text("image")
        imagePullSecrets = fields.texts("image_pull_secrets")
        serviceAccount = fields.text("service_account")
        nodeName = fields.text("node_name")
        nodeSelector = fields.map("node_selector")
        tolerations = fields.optionalObjects("tolerations", maximumCount: Self.maximumEntries)?.map(Toleration.init)
        command = fields.texts("command")
        port = fields.optionalInteger("port", in: Self.portRange)
        healthPath = fields.text("health_path")
        if let path = healthPath, !path.hasPrefix("/") { fields.reject("health_path", "must begin with a slash") }
        environment = fields.map("environment")
        importPath = fields.text("import_path")
        deploymentName = fields.text("deployment")
        workingDirectory = fields.text("working_dir")
        if let arguments = fields.optional("application_arguments") {
            let text = JSONWriter.text(arguments)
            if arguments.objectValue == nil {
                fields.reject("application_arguments", "must be an object, not \(arguments.typeName)")
            } else if text.utf8.count > Self.maximumApplicationArguments {
                fields.reject("application_arguments", "is longer than \(Self.maximumApplicationArguments) bytes")
            }
            applicationArguments = text
        }
        autoscaling = fields.optionalObject("autoscaling").map(Autoscaling.init)
        startSeconds = fields.optionalInteger("start_seconds", in: Self.startSecondsRange)
        maximumSurge = fields.optionalInteger("max_surge", in: Self.podRange)
        maximumUnavailable = fields.optionalInteger("max_unavailable", in: Self.podRange)
    }

    var json: JSONValue {
        var document = JSONObject()
        document["image"] = image.map(JSONValue.string)
        document["image_pull_secrets"] = imagePullSecrets.map { .array($0.map(JSONValue.string)) }
        document["service_account"] = serviceAccount.map(JSONValue.string)
        document["node_name"] = nodeName.map(JSONValue.string)
        document["node_selector"] = nodeSelector.map(Self.json)
        document["tolerations"] = tolerations.map { .array($0.map(\.json)) }
        document["command"] = command.map { .array($0.map(JSONValue.string)) }
        document["port"] = port.map { .integer(Int64($0)) }
        document["health_path"] = healthPath.map(JSONValue.string)
        document["environment"] = environment.map(Self.json)
        document["import_path"] = importPath.map(JSONValue.string)
        document["deployment"] = deploymentName.map(JSONValue.string)
        document["working_dir"] = workingDirectory.map(JSONValue.string)
        document["application_arguments"] = applicationArguments.flatMap { try? JSONParser.parse($0) }
        document["autoscaling"] = autoscaling?.json
        document["start_seconds"] = startSeconds.map { .integer(Int64($0)) }
        document["max_surge"] = maximumSurge.map { .integer(Int64($0)) }
        document["max_unavailable"] = maximumUnavailable.map { .integer(Int64($0)) }
        return .object(document)
    }

    private static func json(_ map: [String: String]) -> JSONValue {
        .object(JSONObject(map.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
    }
}

extension RuntimeOptions.Toleration {
    fileprivate init(_ fields: JSONFields) {
        self.init(
            key: fields.text("key"), operator: fields.optionalChoice("operator"), value: fields.text("value"),
            effect: fields.optionalChoice("effect"),
            seconds: fields.optionalInteger("toleration_seconds", in: 0...Int(Int32.max)))
        if key == nil, `operator` != .exists { fields.reject("key", "is required unless the operator is Exists") }
        if value != nil, `operator` == .exists { fields.reject("value", "means nothing where the operator is Exists") }
    }

    fileprivate var json: JSONValue {
        var document = JSONObject()
        document["key"] = key.map(JSONValue.string)
        document["operator"] = `operator`.map { .string($0.rawValue) }
        document["value"] = value.map(JSONValue.string)
        document["effect"] = effect.map { .string($0.rawValue) }
        document["toleration_seconds"] = seconds.map { .integer(Int64($0)) }
        return .object(document)
    }
}

extension RuntimeOptions.Autoscaling {
    fileprivate init(_ fields: JSONFields) {
        let range = ServiceConfiguration.replicaRange
        let least = fields.optionalInteger("min_replicas", in: range) ?? 1
        let most = fields.optionalInteger("max_replicas", in: 1...range.upperBound)
        if most == nil, fields.optional("max_replicas") == nil { fields.reject("max_replicas", "is required") }
        if let most, most < least { fields.reject("max_replicas", "is less than min_replicas") }
        var target: Double?
        if let value = fields.optional("target_ongoing_requests") {
            target = value.numberValue
            if !(target.map(Self.targetRange.contains) ?? false) {
                fields.reject(
                    "target_ongoing_requests",
                    "must be a number from \(Self.targetRange.lowerBound) to \(Self.targetRange.upperBound)")
            }
        }
        self.init(minimumReplicas: least, maximumReplicas: most ?? max(1, least), targetOngoingRequests: target)
    }

    fileprivate var json: JSONValue {
        var document = JSONObject([
            ("min_replicas", .integer(Int64(minimumReplicas))), ("max_replicas", .integer(Int64(maximumReplicas))),
        ])
        document["target_ongoing_requests"] = targetOngoingRequests.map(JSONValue.number)
        return .object(document)
    }
}

extension JSONFields {
    fileprivate func text(_ name: String) -> String? {
        let text = optionalString(name, maximumLength: RuntimeOptions.maximumTextLength)
        if text?.isEmpty == true { reject(name, "must not be empty") }
        return text
    }

    fileprivate func map(_ name: String) -> [String: String]? {
        optionalStrings(
            name, maximumCount: RuntimeOptions.maximumEntries, maximumLength: RuntimeOptions.maximumTextLength)
    }

    fileprivate func texts(_ name: String) -> [String]? {
        let texts = optionalTexts(
            name, maximumCount: RuntimeOptions.maximumEntries,
            "must be a text of at most \(RuntimeOptions.maximumTextLength) characters"
        ) { text in
            text.utf8.count <= RuntimeOptions.maximumTextLength
                && text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control } ? text : nil
        }
        return texts?.isEmpty == true ? nil : texts
    }
}

extension JSONValue {
    fileprivate var numberValue: Double? {
        switch self {
        case .integer(let integer): Double(integer)
        case .number(let number): number
        case .null, .bool, .string, .array, .object: nil
        }
    }
}

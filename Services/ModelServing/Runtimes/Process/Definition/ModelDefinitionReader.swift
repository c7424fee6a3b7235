import Domain
import JSON
import YAML

/// Reads a model definition file, and finds everything that is wrong with it.
///
/// Keys that are not known are refused: a misspelled `health_check` would otherwise be a service that is never checked.
struct ModelDefinitionReader {
    static let maximumActions = 64
    static let maximumArguments = 512
    static let maximumVariables = 128
    /// Characters of one argument, value or path.
    static let maximumTextLength = 16_384
    static let maximumBodyLength = 1 << 18

    private(set) var problems: [FieldProblem] = []
    private(set) var definition: ModelDefinition?

    init(_ text: String) {
        let document: JSONValue
        do throws(YAMLError) {
            document = try YAMLParser.parse(text)
        } catch {
            problems = [FieldProblem(field: "model_definition", message: "is not valid YAML: \(error)")]
            return
        }
        let fields = JSONFields(document)
        let models = fields.optional("models")
        var read: ModelDefinition?
        if let list = models?.arrayValue, list.count == 1 {
            read = model(JSONFields(list[0], at: "/models/0"))
        } else {
            fields.reject("models", models == nil ? "is required" : "must be a list of exactly one model")
        }
        finish(fields)
        if problems.isEmpty { definition = read }
    }

    private mutating func model(_ fields: JSONFields) -> ModelDefinition? {
        defer { finish(fields) }
        let name = fields.string("name", maximumLength: 253)
        let modelPath = fields.string("model_path", maximumLength: 1024)
        if let problem = FolderPath.problem(in: modelPath), !modelPath.isEmpty { fields.reject("model_path", problem) }
        guard let value = fields.optional("service") else {
            fields.reject("service", "is required: it says how to start the engine")
            return nil
        }
        let service = JSONFields(value, at: "/models/0/service")
        defer { finish(service) }
        return ModelDefinition(
            name: name, modelPath: modelPath, preStartActions: actions(service),
            startCommand: command(service, "start_command"), port: port(service), environment: environment(service),
            healthCheck: healthCheck(service))
    }

    private func command(_ fields: JSONFields, _ name: String) -> [String] {
        guard let value = fields.optional(name) else {
            fields.reject(name, "is required")
            return []
        }
        guard let list = value.arrayValue, !list.isEmpty else {
            fields.reject(name, "must be a list of the command and its arguments")
            return []
        }
        guard list.count <= Self.maximumArguments else {
            fields.reject(name, "has \(list.count) arguments; at most \(Self.maximumArguments) are allowed")
            return []
        }
        return list.enumerated().map { index, argument in
            let text = argument.stringValue ?? argument.integerValue.map { String($0) }
            guard let text, text.utf8.count <= Self.maximumTextLength, !text.utf8.contains(0) else {
                fields.reject("\(name)/\(index)", "must be a text of at most \(Self.maximumTextLength) characters")
                return ""
            }
            if index == 0, text.isEmpty { fields.reject("\(name)/0", "must not be empty") }
            return text
        }
    }

    private func port(_ fields: JSONFields) -> UInt16? {
        fields.optionalInteger("port", in: 1...65_535).map { UInt16($0) }
    }

    private func environment(_ fields: JSONFields) -> [String: String] {
        let variables =
            fields.optionalStrings(
                "environment", maximumCount: Self.maximumVariables, maximumLength: Self.maximumTextLength,
                acceptingNumbers: true) ?? [:]
        for name in variables.keys.sorted() {
            let isName = name.utf8.allSatisfy { isVariableCharacter($0) } && name.utf8.first.map { $0 > 0x39 } == true
            if !isName { fields.reject("environment", "\"\(name.prefix(64))\" is not the name of a variable") }
            if name.hasPrefix("SLIPWAY_") { fields.reject("environment", "\(name) belongs to Slipway") }
        }
        return variables
    }

    private mutating func healthCheck(_ fields: JSONFields) -> HealthCheck {
        var check = HealthCheck()
        guard let value = fields.optional("health_check") else { return check }
        let inner = JSONFields(value, at: "/models/0/service/health_check")
        defer { finish(inner) }
        check.path = inner.string("path", maximumLength: 2048)
        if let path = check.path, !path.isEmpty, !path.hasPrefix("/") || path.contains(" ") {
            inner.reject("path", "must begin with a slash and hold no spaces")
        }
        check.maxRetries = inner.optionalInteger("max_retries", in: 0...100_000).map { Int($0) } ?? check.maxRetries
        check.interval = seconds(inner, "interval", 0.1...86_400) ?? check.interval
        check.maxWaitTime = seconds(inner, "max_wait_time", 0.1...3600) ?? check.maxWaitTime
        check.expectedStatusCode =
            inner.optionalInteger("expected_status_code", in: 100...599).map { Int($0) } ?? check.expectedStatusCode
        return check
    }

    private func seconds(_ fields: JSONFields, _ name: String, _ range: ClosedRange<Double>) -> Duration? {
        guard let value = fields.optional(name) else { return nil }
        let number: Double?
        switch value {
        case .integer(let integer): number = Double(integer)
        case .number(let double): number = double
        case .null, .bool, .string, .array, .object: number = nil
        }
        guard let number, range.contains(number) else {
            fields.reject(name, "must be a number of seconds from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return .milliseconds(Int64(number * 1000))
    }

    private mutating func finish(_ fields: JSONFields) {
        do throws(JSONFieldProblems) {
            try fields.finish()
        } catch {
            problems += error.problems.map {
                FieldProblem(field: "model_definition\($0.pointer)", message: $0.message)
            }
        }
    }
}

extension ModelDefinitionReader {
    private mutating func actions(_ fields: JSONFields) -> [PreStartAction] {
        guard let value = fields.optional("pre_start_actions") else { return [] }
        guard let list = value.arrayValue, list.count <= Self.maximumActions else {
            fields.reject("pre_start_actions", "must be a list of at most \(Self.maximumActions) actions")
            return []
        }
        return list.enumerated().compactMap { index, value in
            action(JSONFields(value, at: "/models/0/service/pre_start_actions/\(index)"), index)
        }
    }

    private mutating func action(_ fields: JSONFields, _ index: Int) -> PreStartAction? {
        enum Name: String, CaseIterable {
            case writeFile = "write_file"
            case writeTemporaryFile = "write_tempfile"
            case runCommand = "run_command"
            case makeDirectory = "mkdir"
            case log
        }
        defer { finish(fields) }
        let name: Name? = fields.optionalChoice("action")
        if fields.optional("action") == nil { fields.reject("action", "is required") }
        guard let value = fields.optional("args") else {
            fields.reject("args", "is required")
            return nil
        }
        guard let name else { return nil }
        let inner = JSONFields(value, at: "/models/0/service/pre_start_actions/\(index)/args")
        defer { finish(inner) }
        switch name {
        case .writeFile:
            return .writeFile(
                path: path(inner, "filename"), body: body(inner), mode: mode(inner),
                append: inner.optionalBool("append") ?? false)
        case .writeTemporaryFile: return .writeTemporaryFile(body: body(inner), mode: mode(inner))
        case .runCommand: return .runCommand(command(inner, "command"))
        case .makeDirectory: return .makeDirectory(path: path(inner, "path"))
        case .log:
            return .log(
                message: inner.string("message", maximumLength: Self.maximumTextLength, multiline: true),
                debug: inner.optionalBool("debug") ?? false)
        }
    }

    private func path(_ fields: JSONFields, _ name: String) -> String {
        let path = fields.string(name, maximumLength: 1024)
        if !path.isEmpty, let problem = FolderPath.problem(in: path) { fields.reject(name, problem) }
        return path
    }

    private func body(_ fields: JSONFields) -> String {
        guard let value = fields.optional("body") else {
            fields.reject("body", "is required")
            return ""
        }
        guard let text = value.stringValue, text.utf8.count <= Self.maximumBodyLength else {
            fields.reject("body", "must be a text of at most \(Self.maximumBodyLength) bytes")
            return ""
        }
        return text
    }

    /// Digits are octal ones, whether they were quoted or not.
    private func mode(_ fields: JSONFields) -> Int {
        guard let value = fields.optional("mode") else { return 0o644 }
        let text = value.stringValue ?? value.integerValue.map { String($0) } ?? ""
        guard text.utf8.count <= 4, let mode = Int(text, radix: 8), (0...0o777).contains(mode) else {
            fields.reject("mode", "must be an octal file mode such as 644")
            return 0o644
        }
        return mode
    }
}

private func isVariableCharacter(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
    default: false
    }
}

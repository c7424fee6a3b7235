import JSON

/// All that is declared to Serve, to be declared again with something changed.
///
/// A declaration is the whole of what is wanted: an application that was declared and is not named in the next one is
/// deleted, whosever it is. So each begins as what is declared already.
struct ServeDeclaration: Hashable, Sendable {
    private let settings: JSONObject
    private(set) var configurations: [(name: String, value: JSONValue)]

    /// - Parameter defaults: settings for a Serve that was not started yet.
    init(_ state: ServeState, defaults: JSONObject = JSONObject()) {
        settings = state.isStarted ? state.settings : defaults
        configurations = state.applications.compactMap { application in
            // What is being deleted tells no configuration any longer, and what a program deployed never does.
            guard application.status != .deleting, !application.isImperative else { return nil }
            return application.declared.map { (application.name, $0) }
        }
    }

    /// Adds an application, or replaces what was declared under its name.
    mutating func declare(_ name: String, _ configuration: JSONValue) {
        if let index = configurations.firstIndex(where: { $0.name == name }) {
            configurations[index].value = configuration
        } else {
            configurations.append((name, configuration))
        }
    }

    mutating func withdraw(_ name: String) { configurations.removeAll { $0.name == name } }

    mutating func apply(_ edit: ServeBook.Edit, _ name: String) {
        switch edit {
        case .declare(let configuration): declare(name, configuration)
        case .withdraw: withdraw(name)
        }
    }

    func names(_ name: String) -> Bool { configurations.contains { $0.name == name } }

    var body: JSONValue {
        var object = settings
        object["applications"] = .array(configurations.map(\.value))
        return .object(object)
    }

    static func == (left: Self, right: Self) -> Bool {
        left.settings == right.settings && left.configurations.elementsEqual(right.configurations) { $0 == $1 }
    }

    func hash(into hasher: inout Hasher) { hasher.combine(body) }
}

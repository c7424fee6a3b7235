import JSON

/// Everything that Serve tells: what was set for all of it, and its applications.
struct ServeState: Hashable, Sendable {
    /// What a declaration says besides the applications, and what would be reset to its default if it did not.
    static let settingNames = ["proxy_location", "http_options", "grpc_options", "logging_config", "target_capacity"]

    /// Serve runs. Ray may run without it, until something is declared for the first time.
    let isStarted: Bool
    /// Those of `settingNames` that are set.
    let settings: JSONObject
    let applications: [ServeApplication]
    private let places: [String: Int]

    init(_ value: JSONValue) throws(ServeError) {
        guard let members = value["applications"]?.objectValue?.members else {
            throw .unreadable("the answer has no applications")
        }
        isStarted = value["controller_info"]?.objectValue.map { $0.count > 0 } ?? !members.isEmpty
        settings = JSONObject(
            Self.settingNames.compactMap { name in
                value[name].flatMap { $0.isNull ? nil : (name, $0) }
            })
        applications = members.map { ServeApplication(name: $0.name, $0.value) }
        places = Dictionary(members.enumerated().map { ($1.name, $0) }) { first, _ in first }
    }

    subscript(name: String) -> ServeApplication? { places[name].map { applications[$0] } }

    /// The application is there, to stay.
    func has(_ name: String) -> Bool { self[name].map { $0.status != .deleting } ?? false }

    /// What is wanted of the application is what is declared.
    func has(_ edit: ServeBook.Edit, _ name: String) -> Bool {
        switch edit {
        case .declare(let configuration): has(name) && self[name]?.declared?.saysTheSame(as: configuration) == true
        case .withdraw: !has(name)
        }
    }
}

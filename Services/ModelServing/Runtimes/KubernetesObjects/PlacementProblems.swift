import Domain
import ModelServingCore

/// What is wrong with the options that say where and with what pods run.
public struct PlacementProblems {
    private(set) public var problems: [FieldProblem] = []

    public init(_ options: RuntimeOptions) {
        if let image = options.image, !NameSyntax.isImage(image) {
            add("image", "must be the name of an image, like registry.example/team/engine:1.0")
        }
        for secret in options.imagePullSecrets ?? [] where !NameSyntax.isSubdomain(secret) {
            add("image_pull_secrets", "\"\(secret)\" cannot be the name of a Secret")
        }
        if let account = options.serviceAccount, !NameSyntax.isSubdomain(account) {
            add("service_account", "\"\(account)\" cannot be the name of a ServiceAccount")
        }
        for (name, value) in (options.nodeSelector ?? [:]).sorted(by: { $0.key < $1.key })
        where !NameSyntax.isLabelName(name) || !NameSyntax.isLabelValue(value) {
            add("node_selector", "\(name)=\(value) cannot be a label")
        }
        for (index, toleration) in (options.tolerations ?? []).enumerated() { check(toleration, index) }
        for name in (options.environment ?? [:]).keys.sorted() {
            if !NameSyntax.isVariable(name) {
                add("environment", "\"\(name)\" cannot be the name of a variable")
            } else if name.hasPrefix("SLIPWAY_") {
                add("environment", "\(name) belongs to Slipway")
            }
        }
    }

    private mutating func add(_ name: String, _ message: String) {
        problems.append(FieldProblem(field: "/runtime_options/\(name)", message: message))
    }

    private mutating func check(_ toleration: RuntimeOptions.Toleration, _ index: Int) {
        let place = "tolerations/\(index)"
        if let key = toleration.key, !NameSyntax.isLabelName(key) { add(place, "\"\(key)\" cannot be a taint's key") }
        if toleration.key == nil, toleration.operator != .exists {
            add(place, "without a key only the operator Exists has a meaning")
        }
        if toleration.operator == .exists, toleration.value != nil { add(place, "Exists takes no value") }
        if let value = toleration.value, !NameSyntax.isLabelValue(value) {
            add(place, "\"\(value)\" cannot be a taint's value")
        }
        if toleration.seconds != nil, toleration.effect != .noExecute {
            add(place, "toleration_seconds goes with the effect NoExecute only")
        }
    }
}

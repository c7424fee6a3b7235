// swift-tools-version: 6.2
import PackageDescription

// The dependency rules of the project are this file: a target may import only what its line names,
// and `make build` checks it (`--explicit-target-dependency-import-check error`).

/// Releases are laid out by what the data path was seen to run through, the rest of each function apart from it, so
/// that fewer lines of a cache are enough (0040). DATA_PATH_COUNTERS is set while
/// `make profile` finds that out.
let profile =
    Context.environment["DATA_PATH_COUNTERS"] == nil
    ? [
        "-Xfrontend", "-ir-profile-use=\(Context.packageDirectory)/Services/InferenceGateway/data-path.profdata",
        "-Xllvm", "-enable-split-machine-functions",
    ] : ["-Xfrontend", "-ir-profile-generate"]

let language: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]
let house: [SwiftSetting] = language + [.strictMemorySafety(), .unsafeFlags(profile, .when(configuration: .release))]

/// For the HTTP engine: tests check at run time that no two accesses to a variable overlap, releases do not (0017).
let engine: [SwiftSetting] = house + [.unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))]

func shared(
    _ name: String, _ dependencies: [Target.Dependency] = [], embedded: [String] = [],
    settings: [SwiftSetting] = house
) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Shared/\(name)",
        resources: embedded.map { .embedInCode($0) }, swiftSettings: settings)
}

func cLibrary(_ name: String, pkgConfig: String? = nil, apt: [String] = []) -> Target {
    .systemLibrary(name: name, path: "Shared/C/\(name)", pkgConfig: pkgConfig, providers: [.apt(apt)])
}

func core(_ service: String, _ dependencies: [Target.Dependency] = ["Domain"]) -> Target {
    .target(
        name: "\(service)Core", dependencies: dependencies, path: "Services/\(service)/Core",
        swiftSettings: house)
}

func server(_ service: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: service, dependencies: dependencies, path: "Services/\(service)/Server",
        swiftSettings: house)
}

func tool(_ name: String, exclude: [String] = [], _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, path: "Tools/\(name)", exclude: exclude, swiftSettings: house)
}

func tests(
    _ name: String, _ path: String, exclude: [String] = [], _ dependencies: [Target.Dependency]
) -> Target {
    .testTarget(
        name: name, dependencies: dependencies + ["TestSupport"], path: "Tests/\(path)", exclude: exclude,
        swiftSettings: language)
}

let cLibraries: [Target] = [
    cLibrary("CLinux"),
    cLibrary("CProcess"),
    // Not linked: see its header.
    cLibrary("CCurl", apt: ["libcurl4-openssl-dev"]),
    cLibrary("CCrypto", pkgConfig: "libcrypto", apt: ["libssl-dev"]),
    cLibrary("CYAML", pkgConfig: "yaml-0.1", apt: ["libyaml-dev"]),
    cLibrary("CSQLite", pkgConfig: "sqlite3", apt: ["libsqlite3-dev"]),
    cLibrary("CPostgreSQL", pkgConfig: "libpq", apt: ["libpq-dev"]),
]

let foundations: [Target] = [
    shared("Domain"),
    shared("Authorization"),
    shared(
        "Access", ["Domain", "Authorization"],
        embedded: ["Shipped/access_model.conf", "Shipped/access_policy.csv"]),
    shared("JSON"),
    shared("YAML", ["CYAML", "JSON"]),
    shared("Cryptography", ["CCrypto"]),
    shared("Contracts", ["Domain"]),
    shared("Observability", ["Domain", "JSON"]),
    shared("Configuration"),
    shared("Lifecycle", ["Observability"]),
    shared("Subprocess", ["CProcess"]),
    shared("Audit", ["Domain", "JSON", "Cryptography", "Subprocess"]),
]

let network: [Target] = [
    shared("HTTP", ["Domain", "JSON", "Observability"]),
    shared("EventLoop", ["CLinux"], settings: engine),
    shared("HTTPServer", ["HTTP", "EventLoop", "Lifecycle", "Observability"], settings: engine),
    shared("HTTPClient", ["Domain", "HTTP", "EventLoop", "CCurl"], settings: engine),
    shared("Authentication", ["Domain", "HTTP", "JSON", "Cryptography", "Subprocess"]),
    shared("Dapr", ["HTTP", "JSON"]),
    shared("Kubernetes", ["Domain", "JSON", "YAML", "HTTP", "HTTPClient", "Subprocess", "Observability"]),
    shared("Persistence", ["Domain", "Dapr", "JSON"]),
    shared(
        "ControlPlane",
        [
            "Domain", "JSON", "HTTP", "HTTPServer", "HTTPClient", "EventLoop", "Dapr", "Persistence", "Access",
            "Audit", "Authentication", "Cryptography", "Observability", "Configuration", "Lifecycle",
        ]),
]

/// What every server of the control plane is made with.
let controlPlane: [Target.Dependency] = ["Domain", "JSON", "HTTP", "Persistence", "ControlPlane"]

let services: [Target] = [
    core("ModelManagement"),
    core("ResourceManagement"),
    core("ModelServing"),
    core("InferenceGateway"),
    .target(
        name: "ModelFiles", dependencies: ["ModelServingCore", "Domain", "HTTP", "Subprocess", "Cryptography"],
        path: "Services/ModelServing/Runtimes/ModelFiles", swiftSettings: house),
    .target(
        name: "ProcessRuntime",
        dependencies: [
            "ModelServingCore", "ModelFiles", "Domain", "JSON", "YAML", "Subprocess", "HTTP", "Observability",
        ],
        path: "Services/ModelServing/Runtimes/Process", swiftSettings: house),
    .target(
        name: "RayRuntime",
        dependencies: ["ModelServingCore", "ModelFiles", "Domain", "JSON", "HTTP", "Observability"],
        path: "Services/ModelServing/Runtimes/Ray", swiftSettings: house),
    .target(
        name: "KubernetesObjects", dependencies: ["ModelServingCore", "ModelFiles", "Domain", "JSON", "Kubernetes"],
        path: "Services/ModelServing/Runtimes/KubernetesObjects", swiftSettings: house),
    .target(
        name: "KubernetesRuntime",
        dependencies: ["ModelServingCore", "KubernetesObjects", "Domain", "JSON", "Kubernetes", "Observability"],
        path: "Services/ModelServing/Runtimes/Kubernetes", swiftSettings: house),
    .target(
        name: "KubeRayRuntime",
        dependencies: [
            "ModelServingCore", "ModelFiles", "KubernetesObjects", "RayRuntime", "Domain", "JSON", "Kubernetes",
            "Observability",
        ],
        path: "Services/ModelServing/Runtimes/KubeRay", swiftSettings: house),
    server("ModelManagement", controlPlane + ["ModelManagementCore"]),
    server("ResourceManagement", controlPlane + ["ResourceManagementCore"]),
    server(
        "ModelServing",
        controlPlane + [
            "ModelServingCore", "ModelFiles", "ProcessRuntime", "RayRuntime", "KubeRayRuntime", "KubernetesRuntime",
            "KubernetesObjects", "Kubernetes", "Contracts", "Dapr", "Authentication",
            "Observability",
            "Configuration", "Lifecycle", "Cryptography",
        ]),
    server(
        "InferenceGateway",
        [
            "InferenceGatewayCore", "Domain", "JSON", "Contracts", "HTTP", "EventLoop", "HTTPServer", "HTTPClient",
            "Authentication", "Cryptography", "Observability", "Configuration", "Lifecycle", "Subprocess",
        ]),
]

let tools: [Target] = [
    tool(
        "LocalSidecar", exclude: ["README.md"],
        [
            "Domain", "JSON", "YAML", "HTTP", "EventLoop", "HTTPServer", "HTTPClient", "CSQLite", "CPostgreSQL",
            "Cryptography", "Observability", "Lifecycle",
        ]),
    tool(
        "slipway",
        [
            "Audit", "Authorization", "Domain", "JSON", "HTTP", "EventLoop", "HTTPClient", "Subprocess", "Cryptography",
            "Observability", "Lifecycle",
        ]),
]

let testTargets: [Target] = [
    .testTarget(
        name: "TestSupport",
        dependencies: [
            "Access", "Audit", "Domain", "HTTP", "JSON", "Dapr", "EventLoop", "Persistence", "ControlPlane",
            "Authentication",
            "Observability",
        ],
        path: "Tests/Support", swiftSettings: language),
    tests("AccessTests", "Shared/AccessTests", ["Access", "Authorization", "Domain"]),
    tests("ArchitectureTests", "ArchitectureTests", []),
    tests("AuditTests", "Shared/AuditTests", ["Audit", "Cryptography", "Domain", "JSON", "Subprocess"]),
    tests(
        "AuthorizationTests", "Shared/AuthorizationTests",
        exclude: ["Oracle/cases.py", "Oracle/oracle.py", "Oracle/decisions.jsonl"], ["Authorization", "JSON"]),
    tests(
        "AuthenticationTests", "Shared/AuthenticationTests", exclude: ["JWT/tokens.json"],
        [
            "Authentication", "Cryptography", "Domain", "EventLoop", "HTTP", "HTTPClient", "HTTPServer", "JSON",
        ]),
    tests(
        "ControlPlaneTests", "Shared/ControlPlaneTests",
        [
            "Access", "ControlPlane", "Persistence", "Observability", "Lifecycle", "Dapr", "HTTP", "Domain", "JSON",
            "Authentication", "Audit",
        ]),
    tests("CryptographyTests", "Shared/CryptographyTests", ["Cryptography"]),
    tests("DomainTests", "Shared/DomainTests", ["Domain"]),
    tests("EventLoopTests", "Shared/EventLoopTests", ["EventLoop"]),
    tests(
        "HTTPClientTests", "Shared/HTTPClientTests", ["HTTPClient", "HTTPServer", "EventLoop", "HTTP"]),
    tests("HTTPServerTests", "Shared/HTTPServerTests", ["HTTPServer", "HTTPClient", "EventLoop", "HTTP"]),
    tests("HTTPTests", "Shared/HTTPTests", ["HTTP", "Domain", "JSON"]),
    tests("JSONTests", "Shared/JSONTests", ["JSON"]),
    tests("YAMLTests", "Shared/YAMLTests", ["YAML", "JSON"]),
    tests("ObservabilityTests", "Shared/ObservabilityTests", ["Observability", "Domain"]),
    tests("ConfigurationTests", "Shared/ConfigurationTests", ["Configuration"]),
    tests("DaprTests", "Shared/DaprTests", ["Dapr", "HTTP", "JSON", "Domain"]),
    tests("PersistenceTests", "Shared/PersistenceTests", ["Persistence", "Dapr", "Domain", "JSON"]),
    .testTarget(
        name: "FakeKubernetes",
        dependencies: [
            "Domain", "EventLoop", "HTTP", "HTTPClient", "HTTPServer", "JSON", "Kubernetes", "Observability",
        ],
        path: "Tests/Shared/FakeKubernetes", swiftSettings: language),
    tests(
        "KubernetesTests", "Shared/KubernetesTests",
        [
            "Kubernetes", "FakeKubernetes", "Domain", "EventLoop", "HTTP", "HTTPClient", "HTTPServer", "JSON",
            "Observability",
        ]),
    tests("LifecycleTests", "Shared/LifecycleTests", ["Lifecycle", "Observability", "Domain"]),
    tests(
        "InferenceGatewayCoreTests", "Services/InferenceGatewayCoreTests", ["InferenceGatewayCore", "Domain", "JSON"]),
    tests(
        "IntegrationTests", "IntegrationTests",
        [
            "slipway", "LocalSidecar", "ModelManagement", "ResourceManagement", "ModelServing", "InferenceGateway",
            "Subprocess", "HTTPClient", "HTTP", "EventLoop", "JSON", "Cryptography", "Audit",
        ]),
    tests(
        "LocalSidecarTests", "Tools/LocalSidecarTests",
        [
            "LocalSidecar", "Dapr", "Domain", "EventLoop", "HTTP", "HTTPClient", "HTTPServer", "JSON", "Lifecycle",
            "Observability", "YAML",
        ]),
    tests("SlipwayTests", "Tools/SlipwayTests", ["slipway", "HTTP", "JSON", "Subprocess"]),
    tests("ModelServingCoreTests", "Services/ModelServingCoreTests", ["ModelServingCore", "Domain"]),
    tests("SubprocessTests", "Shared/SubprocessTests", ["Subprocess"]),
    tests(
        "ModelFilesTests", "Services/ModelFilesTests",
        ["ModelFiles", "ModelServingCore", "Cryptography", "Domain", "HTTP", "Subprocess"]),
    tests(
        "KubernetesRuntimeTests", "Services/KubernetesRuntimeTests",
        [
            "KubernetesRuntime", "KubernetesObjects", "RuntimeConformance", "FakeKubernetes", "Kubernetes",
            "ModelServingCore", "Domain", "JSON", "Observability",
        ]),
    tests(
        "KubeRayRuntimeTests", "Services/KubeRayRuntimeTests",
        [
            "KubeRayRuntime", "KubernetesObjects", "RuntimeConformance", "FakeKubernetes", "Kubernetes",
            "ModelServingCore", "Domain", "EventLoop", "HTTP", "HTTPClient", "JSON", "Observability",
        ]),
    tests("RuntimeConformance", "Services/RuntimeConformance", ["ModelServingCore", "Domain"]),
    tests(
        "ProcessRuntimeTests", "Services/ProcessRuntimeTests",
        [
            "ProcessRuntime", "RuntimeConformance", "ModelFiles", "ModelServingCore", "Domain", "Subprocess",
            "Cryptography", "HTTP",
            "HTTPClient", "EventLoop", "Observability",
        ]),
    tests(
        "RayRuntimeTests", "Services/RayRuntimeTests", exclude: ["Recordings"],
        [
            "RayRuntime", "RuntimeConformance", "ModelFiles", "ModelServingCore", "Cryptography", "Domain", "EventLoop",
            "HTTP", "HTTPClient", "HTTPServer", "JSON", "Observability",
        ]),
    tests(
        "InferenceGatewayTests", "Services/InferenceGatewayTests",
        [
            "InferenceGateway", "InferenceGatewayCore", "Authentication", "Contracts", "Cryptography", "Domain",
            "EventLoop", "HTTP", "HTTPServer", "JSON", "Lifecycle", "Observability",
        ]),
    tests(
        "ModelManagementTests", "Services/ModelManagementTests",
        [
            "ModelManagement", "ModelManagementCore", "Audit", "ControlPlane", "Persistence", "Dapr", "Contracts",
            "HTTP",
            "Domain", "JSON",
        ]),
    tests(
        "ModelServingTests", "Services/ModelServingTests",
        [
            "ModelServing", "ModelServingCore", "ControlPlane", "Persistence", "Dapr", "Contracts", "Cryptography",
            "FakeKubernetes", "HTTP", "Kubernetes", "Observability", "Domain", "JSON",
        ]),
    tests(
        "PublishedAPITests", "Services/PublishedAPITests",
        [
            "ModelManagement", "ModelManagementCore", "ResourceManagement", "ResourceManagementCore", "ModelServing",
            "ModelServingCore", "InferenceGateway", "InferenceGatewayCore", "Authentication", "ControlPlane",
            "Cryptography", "Dapr", "Domain", "EventLoop", "HTTP", "HTTPServer", "JSON", "Persistence",
        ]),
    tests(
        "ResourceManagementTests", "Services/ResourceManagementTests",
        [
            "ResourceManagement", "ResourceManagementCore", "ControlPlane", "Persistence", "Dapr", "Contracts", "HTTP",
            "Domain", "JSON",
        ]),
]

/// Executables without a `main`, which libFuzzer brings: only for `make fuzz`.
func fuzzer(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, path: "Tests/Fuzz/\(name)", swiftSettings: language)
}

let fuzzTargets: [Target] =
    Context.environment["FUZZ"] == nil
    ? []
    : [
        fuzzer("RequestParserFuzz", ["HTTP"]), fuzzer("ResponseParserFuzz", ["HTTP"]),
        fuzzer("ChunkedDecoderFuzz", ["HTTP"]), fuzzer("AccessModelFuzz", ["Authorization"]),
        fuzzer("AccessPolicyFuzz", ["Authorization"]), fuzzer("MatcherFuzz", ["Authorization"]),
        fuzzer("JWTFuzz", ["Authentication", "Cryptography", "Domain", "JSON"]),
    ]

let package = Package(
    name: "slipway",
    products: [],
    targets: cLibraries + foundations + network + services + tools + testTargets + fuzzTargets
)

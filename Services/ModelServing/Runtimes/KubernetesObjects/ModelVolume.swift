import JSON
import ModelFiles
import ModelServingCore

/// The volume on which a pod has its model, and the containers that put it there before the engine starts.
///
/// One container fetches the file, another compares its digest and unpacks it: the images that can fetch from a bucket
/// cannot unpack.
public struct ModelVolume: Sendable {
    public struct Images: Hashable, Sendable {
        /// With `curl`, `sha256sum`, `tar` and `sh`.
        public var download = "docker.io/curlimages/curl:8.16.0"
        /// With `aws` and `sh`.
        public var bucket = "docker.io/amazon/aws-cli:2.31.0"

        public init() {}
    }

    /// Where model files can be fetched from.
    public static let schemes = ["http", "https", "s3"]
    public static let fetchContainer = "fetch-model"
    public static let checkContainer = "check-model"
    public static let folder = "/models"
    static let volume = "models"
    static let temporaryVolume = "tmp"
    /// Exit statuses of the scripts below.
    static let mismatchStatus = 65
    static let unusableStatus = 66

    private let model: ResolvedModel
    private let images: Images
    private let environment: [(String, JSONValue)]

    /// - Parameter environment: what an engine gets too: where a bucket answers, for example.
    public init(_ model: ResolvedModel, images: Images, environment: [String: String]) {
        self.model = model
        self.images = images
        self.environment = environment.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }
    }

    /// What comes before `://`, in lower case.
    public static func scheme(of url: String) -> String {
        url.firstRange(of: "://").map { url[..<$0.lowerBound].lowercased() } ?? ""
    }

    /// Where the engine finds the model: a file, or the folder that an archive was.
    public var path: String {
        ModelArchive(url: model.fileURL) == nil ? "\(Self.folder)/\(fileName)" : "\(Self.folder)/model"
    }

    /// Letters, digits and `._-` of the last part of the URL.
    private var fileName: String {
        let path = model.fileURL.prefix { $0 != "?" && $0 != "#" }
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        let plain = String(name.filter { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }.prefix(128))
        return plain.isEmpty || plain.hasPrefix(".") ? "model" : plain
    }

    /// Of the pod.
    public static let volumes: [JSONValue] = [
        ["name": .string(volume), "emptyDir": [:]], ["name": .string(temporaryVolume), "emptyDir": [:]],
    ]

    /// Of the engine's container, which only reads the model.
    public static let mounts: [JSONValue] = [
        ["name": .string(volume), "mountPath": .string(folder), "readOnly": true], temporaryMount,
    ]

    private static let temporaryMount: JSONValue = [
        "name": .string(temporaryVolume), "mountPath": .string(PodSecurity.temporaryFolder),
    ]

    /// In the order in which they run.
    public var containers: [JSONValue] {
        let isBucket = Self.scheme(of: model.fileURL) == "s3"
        return [
            container(
                Self.fetchContainer, image: isBucket ? images.bucket : images.download,
                script: isBucket ? Self.bucketScript : Self.downloadScript,
                variables: [("MODEL_URL", .string(model.fileURL))] + environment),
            container(
                Self.checkContainer, image: images.download, script: checkScript,
                variables: [("MODEL_SHA256", .string(model.sha256)), ("MODEL_PATH", .string(path))]),
        ]
    }

    private func container(
        _ name: String, image: String, script: String, variables: [(String, JSONValue)]
    ) -> JSONValue {
        [
            "name": .string(name), "image": .string(image), "command": ["/bin/sh", "-ceu", .string(script)],
            "env": .array((variables + [("HOME", "/tmp")]).map { ["name": .string($0.0), "value": $0.1] }),
            "securityContext": PodSecurity.container, "terminationMessagePolicy": "FallbackToLogsOnError",
            "resources": [
                "requests": ["cpu": "100m", "memory": "128Mi"], "limits": ["memory": "1Gi"],
            ],
            "volumeMounts": [
                ["name": .string(Self.volume), "mountPath": .string(Self.folder)], Self.temporaryMount,
            ],
        ]
    }

    private static let file = "\(folder)/.download"

    private static let downloadScript = """
        curl --fail --silent --show-error --location --proto-redir =http,https --retry 5 --retry-delay 2 \
        --output \(file) "$MODEL_URL"
        """

    private static let bucketScript = "aws s3 cp --only-show-errors \"$MODEL_URL\" \(file)"

    /// An archive's only folder is the model's, if it holds nothing else.
    private var checkScript: String {
        let unpack =
            ModelArchive(url: model.fileURL).map { archive in
                """
                rm -rf \(Self.folder)/.unpacked && mkdir \(Self.folder)/.unpacked
                tar -x\(archive == .gzippedTar ? "z" : "")f \(Self.file) -C \(Self.folder)/.unpacked || {
                    echo "the model file is no archive that can be unpacked"; exit \(Self.unusableStatus); }
                rm \(Self.file)
                cd \(Self.folder)/.unpacked
                only=$(ls -A | grep -v '^\\._' || true)
                if [ -n "$only" ] && [ "$(echo "$only" | wc -l)" = 1 ] && [ -d "$only" ] && [ ! -L "$only" ]
                then mv "./$only" "$MODEL_PATH"; else mv \(Self.folder)/.unpacked "$MODEL_PATH"; fi
                """
            } ?? "mv \(Self.file) \"$MODEL_PATH\""
        return """
            if [ -e "$MODEL_PATH" ]; then exit 0; fi
            found=$(sha256sum \(Self.file) | cut -c 1-64)
            if [ "$found" != "$MODEL_SHA256" ]; then
                echo "the model file has sha256 $found, and $MODEL_SHA256 was registered"; exit \(Self.mismatchStatus)
            fi
            \(unpack)
            """
    }
}

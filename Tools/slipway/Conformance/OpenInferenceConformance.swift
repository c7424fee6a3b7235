import HTTP
import JSON

/// The points of the Open Inference Protocol, version 2, over HTTP.
struct OpenInferenceConformance: Sendable {
    let endpoint: ConformanceEndpoint
    /// Nil: only the server is checked.
    let model: String?
    private var report = ConformanceReport()

    init(_ endpoint: ConformanceEndpoint, model: String?) {
        self.endpoint = endpoint
        self.model = model
    }

    static func run(_ endpoint: ConformanceEndpoint, model: String?) async -> ConformanceReport {
        var run = OpenInferenceConformance(endpoint, model: model)
        let extensions = await run.checkServer()
        await run.checkUnknownModel()
        if let model {
            await run.checkModel(model, hasBinary: extensions.contains("binary_tensor_data"))
        } else {
            run.report.skip("model", because: "no --model")
        }
        return run.report
    }

    // MARK: The server

    /// - Returns: the extensions that it says it has.
    private mutating func checkServer() async -> [String] {
        let live = await endpoint.get("/v2/health/live")
        report.check("server live", expect: "200", live.words, live.status == 200)
        report.check(
            "server live body", .recommended, expect: #"{"live":true}"#, live.words, live["live"] == .bool(true))
        let ready = await endpoint.get("/v2/health/ready")
        report.check("server ready", expect: "200", ready.words, ready.status == 200)
        report.check(
            "server ready body", .recommended, expect: #"{"ready":true}"#, ready.words, ready["ready"] == .bool(true))
        let metadata = await endpoint.get("/v2")
        let extensions = metadata["extensions"]?.arrayValue?.compactMap(\.stringValue)
        report.check(
            "server metadata", expect: "200, name, version, extensions", metadata.words,
            metadata.status == 200 && metadata["name"]?.stringValue != nil && metadata["version"]?.stringValue != nil
                && extensions != nil)
        return extensions ?? []
    }

    private mutating func checkUnknownModel() async {
        let path = "/v2/models/\(ConformanceEndpoint.unknownModel)"
        checkError("unknown model", await endpoint.get(path))
        let ready = await endpoint.get("\(path)/ready")
        report.check("unknown model not ready", expect: "4xx", ready.words, ready.isClientError)
        checkError("infer of an unknown model", await endpoint.post("\(path)/infer", ["inputs": []]))
    }

    private mutating func checkError(_ name: String, _ answer: ConformanceAnswer) {
        report.check(
            name, expect: #"4xx {"error":"…"}"#, answer.words,
            answer.isClientError && answer["error"]?.stringValue != nil)
        report.check(
            "\(name), content type", .recommended, expect: "application/json", answer.typeWords,
            answer.contentType == "application/json")
    }

    // MARK: A model

    private mutating func checkModel(_ model: String, hasBinary: Bool) async {
        let path = "/v2/models/\(PercentEncoding.encode(model))"
        let metadata = await endpoint.get(path)
        let inputs = TensorDescription.all(metadata["inputs"])
        report.check(
            "model metadata", expect: "200, name, platform, inputs, outputs", metadata.words,
            metadata.status == 200 && metadata["name"]?.stringValue == model
                && metadata["platform"]?.stringValue != nil && inputs != nil
                && TensorDescription.all(metadata["outputs"]) != nil)
        let ready = await endpoint.get("\(path)/ready")
        report.check("model ready", expect: "200", ready.words, ready.status == 200)
        report.check(
            "model ready body", .recommended, expect: #"{"ready":true}"#, ready.words, ready["ready"] == .bool(true))
        guard let inputs, !inputs.isEmpty, inputs.allSatisfy(\.isKnown) else {
            report.skip("infer", because: "the metadata tells of no inputs that can be made up")
            return
        }
        await checkInference("infer", "\(path)/infer", model, inputs)
        await checkBadInference("\(path)/infer", inputs)
        if hasBinary {
            await checkBinary("\(path)/infer", inputs)
        } else {
            report.skip("binary tensors", because: "the server does not list binary_tensor_data")
        }
        guard let version = metadata["versions"]?.arrayValue?.first?.stringValue else {
            report.skip("versions", because: "the metadata lists none")
            return
        }
        let versioned = "\(path)/versions/\(PercentEncoding.encode(version))"
        let versionMetadata = await endpoint.get(versioned)
        report.check("metadata of a version", expect: "200", versionMetadata.words, versionMetadata.status == 200)
        let versionReady = await endpoint.get("\(versioned)/ready")
        report.check("ready of a version", expect: "200", versionReady.words, versionReady.status == 200)
        await checkInference("infer of a version", "\(versioned)/infer", model, inputs)
    }

    private mutating func checkInference(
        _ name: String, _ path: String, _ model: String, _ inputs: [TensorDescription]
    ) async {
        let answer = await endpoint.post(
            path, ["id": "conformance-1", "inputs": .array(inputs.map(\.zeros))])
        let outputs = answer["outputs"]?.arrayValue
        report.check(
            name, expect: "200, model_name, outputs with name, shape, datatype, data", answer.words,
            answer.status == 200 && answer["model_name"]?.stringValue == model
                && outputs?.allSatisfy { output in
                    output["name"]?.stringValue != nil && output["shape"]?.arrayValue != nil
                        && output["datatype"]?.stringValue != nil && output["data"]?.arrayValue != nil
                } == true)
        report.check(
            "\(name), id", expect: "the id of the request", answer["id"]?.stringValue ?? answer.words,
            answer["id"]?.stringValue == "conformance-1")
    }

    private mutating func checkBadInference(_ path: String, _ inputs: [TensorDescription]) async {
        checkError("infer without inputs", await endpoint.post(path, [:]))
        checkError("infer of broken JSON", await endpoint.post(path, bytes: Array("{\"inputs\":".utf8)))
        let get = await endpoint.get(path)
        report.check(
            "GET of infer", .recommended, expect: "404 or 405", get.words, get.status == 404 || get.status == 405)
    }

    private mutating func checkBinary(_ path: String, _ inputs: [TensorDescription]) async {
        let head = JSONWriter.bytes([
            "inputs": .array(inputs.map(\.binaryHead)), "parameters": ["binary_data_output": true],
        ])
        let answer = await endpoint.post(
            path, bytes: head + inputs.flatMap(\.binaryZeros),
            [
                "Content-Type": "application/octet-stream", "Inference-Header-Content-Length": "\(head.count)",
            ])
        report.check("binary inputs", expect: "200", answer.words, answer.status == 200)
        let length = answer.fields["Inference-Header-Content-Length"].flatMap { Int($0) }
        let description = length.flatMap { length in
            length <= answer.bytes.count ? try? JSONParser.parse(Array(answer.bytes.prefix(length))) : nil
        }
        let sizes = description?["outputs"]?.arrayValue?.compactMap {
            $0["parameters"]?["binary_data_size"]?.integerValue
        }
        report.check(
            "binary outputs", expect: "Inference-Header-Content-Length, and as many bytes behind it as it says",
            "\(answer.status), header \(length.map(String.init) ?? "absent"), \(answer.bytes.count) bytes",
            length != nil && sizes?.isEmpty == false
                && sizes.map { $0.reduce(0, +) } == Int64(answer.bytes.count - (length ?? 0)))
    }
}

import Domain
import JSON
import Kubernetes
import KubernetesObjects
import ModelServingCore
import Testing

struct PodDiagnosisTests {
    private static let made = "2026-11-21T07:00:00Z"
    private let soon = Timestamp(made).map { $0 + .seconds(5) } ?? Timestamp(millisecondsSinceEpoch: 0)
    private let late = Timestamp(made).map { $0 + .seconds(400) } ?? Timestamp(millisecondsSinceEpoch: 0)

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let status: JSONValue
        var isLate = false
        /// `coming`, `silent`, … and for failures the reason too.
        let expected: String
        let words: String

        var testDescription: String { name }
    }

    static let cases: [Case] = [
        Case(
            name: "unschedulable",
            status: [
                "conditions": [
                    [
                        "type": "PodScheduled", "status": "False", "reason": "Unschedulable",
                        "message": "0/3 nodes are available: 3 Insufficient nvidia.com/gpu.",
                    ]
                ]
            ], expected: "coming", words: "no node takes it: 0/3 nodes are available"),
        waiting("ErrImagePull", "rpc error: connection refused", "coming", "cannot be pulled yet"),
        waiting("ImagePullBackOff", "connection refused", "hopeless ImageNotPulled", "connection", isLate: true),
        waiting("ImagePullBackOff", "manifest unknown", "hopeless ImageNotPulled", "manifest unknown"),
        waiting("InvalidImageName", "couldn't parse", "hopeless ImageNotPulled", "InvalidImageName"),
        waiting("ErrImageNeverPull", "", "hopeless ImageNotPulled", "ErrImageNeverPull"),
        waiting("CreateContainerConfigError", "secret \"x\" not found", "coming", "secret \"x\""),
        waiting(
            "CreateContainerConfigError", "secret \"x\" not found", "hopeless DeployFailed", "secret \"x\"",
            isLate: true),
        waiting("ContainerCreating", "", "coming", "being created on n1"),
        ended("engine", 1, "Error", restarts: 0, "restarting ExitedBeforeReady", "exit status 1"),
        ended("engine", 1, "Error", restarts: 5, "hopeless ExitedBeforeReady", "after 6 starts"),
        ended("engine", 137, "OOMKilled", restarts: 2, "hopeless OutOfMemory", "more memory than its limit"),
        ended("fetch-model", 22, "Error", restarts: 1, "restarting DownloadFailed", "cannot be fetched", "404"),
        ended("check-model", 65, "Error", restarts: 0, "hopeless DigestMismatch", "sha256 b", "has sha256 b"),
        ended("check-model", 66, "Error", restarts: 0, "hopeless ModelFilesUnusable", "no archive", "is no archive"),
        Case(
            name: "evicted",
            status: ["phase": "Failed", "reason": "Evicted", "message": "The node was low on memory."],
            expected: "hopeless Vanished", words: "Evicted: The node was low on memory."),
        Case(
            name: "runs",
            status: ["phase": "Running", "containerStatuses": [["name": "engine", "state": ["running": [:]]]]],
            expected: "silent", words: "does not answer yet"),
        Case(
            name: "fetching",
            status: [
                "initContainerStatuses": [["name": "fetch-model", "state": ["running": [:]]]],
                "containerStatuses": [["name": "engine", "state": ["waiting": ["reason": "PodInitializing"]]]],
            ], expected: "coming", words: "fetching the model file"),
        Case(
            name: "ready", status: ["conditions": [["type": "Ready", "status": "True"]]], expected: "ready", words: ""),
    ]

    private static func waiting(
        _ reason: String, _ message: String, _ expected: String, _ words: String, isLate: Bool = false
    ) -> Case {
        let state: JSONValue = ["waiting": ["reason": .string(reason), "message": .string(message)]]
        return Case(
            name: "\(reason) \(isLate)", status: ["containerStatuses": [["name": "engine", "state": state]]],
            isLate: isLate, expected: expected, words: words)
    }

    private static func ended(
        _ container: String, _ code: Int64, _ reason: String, restarts: Int64, _ expected: String, _ words: String,
        _ message: String = ""
    ) -> Case {
        let end: JSONValue = [
            "terminated": [
                "exitCode": .integer(code), "reason": .string(reason), "message": .string(message),
            ]
        ]
        let status: JSONValue =
            restarts == 0
            ? ["name": .string(container), "state": end, "restartCount": 0]
            : [
                "name": .string(container), "state": ["waiting": ["reason": "CrashLoopBackOff"]], "lastState": end,
                "restartCount": .integer(restarts),
            ]
        let field = container == "engine" ? "containerStatuses" : "initContainerStatuses"
        return Case(
            name: "\(container) \(code)", status: .object(JSONObject([(field, [status])])), expected: expected,
            words: words)
    }

    @Test(arguments: cases)
    func explainsAPod(_ test: Case) {
        let isBound = test.name != "unschedulable"
        let pod = KubernetesObject([
            "metadata": ["name": "p", "creationTimestamp": .string(Self.made)],
            "spec": isBound ? ["nodeName": "n1"] : [:], "status": test.status,
        ])
        let diagnosis = PodDiagnosis(PodState(pod), at: test.isLate ? late : soon)
        let (kind, words) =
            switch diagnosis {
            case .coming(let words): ("coming", words)
            case .ready: ("ready", "")
            case .silent(let words): ("silent", words)
            case .restarting(let failure): ("restarting \(failure.reason.rawValue)", failure.message)
            case .hopeless(let failure): ("hopeless \(failure.reason.rawValue)", failure.message)
            }
        #expect(kind == test.expected)
        #expect(test.words.isEmpty || words.contains(test.words), "\(words)")
    }
}

import JSON
import Testing

@testable import RayRuntime

@Suite struct ServeApplicationTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let recording: String
        let condition: ServeApplication.Condition
        let answers: Bool
        let progress: String

        var testDescription: String { recording }
    }

    static let waiting =
        "LLMServer:tiny-llama: Deployment 'LLMServer:tiny-llama' in application 'llm' has 1 replicas that have taken "
        + "more than 30s to be scheduled. This may be due to waiting for the cluster to auto-scale or for a runtime "
        + "environment to be installed. Resources required for each replica: [{\"GPU\": 1.0, \"CPU\": 1.0}], total "
        + "resources available: {}. Use `ray status` for more details."

    static let unhealthy =
        "Model: A replica's health check failed. This deployment will be UNHEALTHY until the replica recovers or a new "
        + "deploy happens."

    static let rows = [
        Row(
            recording: "building", condition: .comingUp, answers: false,
            progress: "Ray is loading the application's code"),
        Row(recording: "created", condition: .comingUp, answers: false, progress: "0 of 1 replicas of Model run"),
        Row(recording: "starting", condition: .comingUp, answers: false, progress: "0 of 1 replicas of Model run"),
        Row(recording: "running", condition: .running, answers: true, progress: "1 of 1 replicas of Model run"),
        Row(recording: "half_running", condition: .comingUp, answers: true, progress: "1 of 2 replicas of Model run"),
        Row(recording: "running_two", condition: .running, answers: true, progress: "2 of 2 replicas of Model run"),
        Row(
            recording: "upscaling", condition: .comingUp, answers: true,
            progress: "Model: Upscaling from 1 to 3 replicas."),
        Row(
            recording: "downscaling", condition: .comingUp, answers: true,
            progress: "Model: Downscaling from 3 to 1 replicas."),
        Row(
            recording: "declared_again", condition: .comingUp, answers: true, progress: "3 of 3 replicas of Model run"),
        Row(
            recording: "deleting", condition: .leaving, answers: false,
            progress: "Ray is loading the application's code"),
        Row(
            recording: "import_missing", condition: .failed, answers: false,
            progress: "ModuleNotFoundError: No module named 'tinyapp'"),
        Row(
            recording: "constructor_retried", condition: .comingUp, answers: false,
            progress: "Model: RuntimeError: model weights could not be loaded"),
        Row(
            recording: "constructor_failed", condition: .failed, answers: false,
            progress: "Model: RuntimeError: model weights could not be loaded"),
        Row(recording: "unhealthy", condition: .unhealthy, answers: false, progress: unhealthy),
        Row(recording: "unhealthy_replaced", condition: .unhealthy, answers: true, progress: unhealthy),
        Row(recording: "healthy_again", condition: .running, answers: true, progress: "1 of 1 replicas of Model run"),
        Row(
            recording: "autoscaled_up", condition: .running, answers: true,
            progress: "Model: Upscaling from 1 to 3 replicas."),
        Row(
            recording: "autoscaled_to_zero", condition: .running, answers: true,
            progress: "0 of 0 replicas of Model run"),
        Row(recording: "no_gpu", condition: .comingUp, answers: false, progress: waiting),
        Row(
            recording: "llm_starting", condition: .comingUp, answers: false,
            progress: "0 of 1 replicas of LLMServer:tiny-llama run; 1 of 1 replicas of OpenAiIngress run"),
    ]

    @Test(arguments: rows)
    func understandsWhatServeTells(row: Row) throws {
        let application = ServeApplication(name: "a", try Recording.value(row.recording))
        #expect(application.status != nil)
        #expect(application.deployments.allSatisfy { $0.status != nil })
        #expect(application.deployments.allSatisfy { $0.replicas.allSatisfy { $0.state != nil } })
        #expect(application.condition == row.condition)
        #expect(application.answers == row.answers)
        #expect(application.progress == row.progress)
    }

    /// The application's own message says no more than that it failed to update the deployments.
    @Test func tellsTheDeploymentsFault() throws {
        let application = ServeApplication(name: "a", try Recording.value("constructor_failed"))
        #expect(application.message == "Failed to update the deployments ['Model'].")
        #expect(application.fault == "Model: RuntimeError: model weights could not be loaded")
    }

    @Test func takesWordsThatItDoesNotKnow() throws {
        let application = ServeApplication(
            name: "a",
            [
                "status": "PAUSED",
                "deployments": ["Model": ["status": "NAPPING", "replicas": [["state": "DREAMING"]]]],
            ])
        #expect(application.condition == .comingUp)
        #expect(!application.answers)
    }

    @Test func tellsWhoIsNotToldOf() throws {
        #expect(!ServeApplication(name: "a", try Recording.value("running")).isUntold)
        #expect(!ServeApplication(name: "a", try Recording.value("deleting")).isUntold)
        #expect(ServeApplication(name: "a", ["status": "RUNNING", "source": "declarative"]).isUntold)
        #expect(!ServeApplication(name: "a", ["status": "RUNNING", "source": "imperative"]).isUntold)
    }

    @Test func readsAServeThatWasNotStarted() throws {
        let state = try ServeState(try Recording.value("serve_not_started"))
        #expect(!state.isStarted)
        #expect(state.applications.isEmpty)
        #expect(try ServeState(try Recording.value("serve")).isStarted)
    }

    @Test(arguments: [#"{}"#, #"[]"#, #"{"applications": []}"#, #""Not Found""#])
    func refusesWhatIsNotServe(text: String) throws {
        let value = try JSONParser.parse(text)
        #expect(throws: ServeError.self) { try ServeState(value) }
    }
}

import JSON
import Testing

@testable import RayRuntime

@Suite struct TracebackTests {
    @Test(arguments: [
        ("import_missing", "ModuleNotFoundError: No module named 'tinyapp'"),
        ("deployment_unknown", "ValueError: Deployment 'NoSuchDeployment' does not exist. Available: ['Model']"),
        ("code_missing", "FileNotFoundError: [Errno 2] No such file or directory: '/srv/rayapps/missing.zip'"),
        (
            "arguments_refused",
            "pydantic_core._pydantic_core.ValidationError: 1 validation error for Args model_id "
                + "Field required [type=missing, input_value={'nope': 1}, input_type=dict]"
        ),
    ])
    func tellsWhatWasRaisedLast(recording: String, telling: String) throws {
        let message = try #require(try Recording.value(recording)["message"]?.stringValue)
        #expect(Traceback.tellingEnd(of: message) == telling)
    }

    @Test func keepsAMessageThatIsNoTraceback() throws {
        let text = try Recording.text("refused_without_import_path.txt")
        #expect(
            Traceback.tellingEnd(of: text)
                == "1 validation error for ServeDeploySchema applications.0.import_path "
                + "Field required [type=missing, input_value={'name': 'x'}, input_type=dict]")
    }

    @Test func tellsAFaultOfRaysOwn() throws {
        let text = try Recording.text("fault_bad_json.txt")
        #expect(
            Traceback.tellingEnd(of: text)
                == "json.decoder.JSONDecodeError: Expecting property name enclosed in double quotes: "
                + "line 1 column 2 (char 1)")
    }

    @Test(arguments: [
        ("", ""), ("\n \n", ""), ("Traceback (most recent call last):\n", ""),
        ("\u{1B}[36mray::X\u{1B}[39m went", "ray::X went"), ("cut \u{1B}[3", "cut "),
    ])
    func takesAnything(text: String, telling: String) {
        #expect(Traceback.tellingEnd(of: text) == telling.trimmed)
    }

    @Test func cutsWhatIsTooLong() {
        #expect(Traceback.tellingEnd(of: String(repeating: "x", count: 10_000)).count == Traceback.maximumLength + 1)
    }
}

extension String {
    fileprivate var trimmed: String { hasSuffix(" ") ? String(dropLast()) : self }
}

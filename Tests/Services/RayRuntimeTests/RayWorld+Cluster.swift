import JSON
import RuntimeConformance

extension RayWorld: ClusterWorld {
    func answer(_ isThere: Bool) async throws { try await toggle(isThere: isThere) }

    func addForeignObject() async throws { addForeign("theirs") }

    func foreignObjectIsUntouched() async throws -> Bool {
        serve.configuration("theirs")?["import_path"]?.stringValue == "their:app"
    }
}

import TestSupport
import Testing

@testable import LocalSidecar

@Suite struct ResourcesTests {
    private func resources(_ files: [String: String], environment: [String: String] = [:]) throws -> Resources {
        let folder = TemporaryFolder()
        for (name, text) in files { try folder.write("components/\(name)", text) }
        return try Resources(
            paths: [folder.path("components")], configurationFiles: [], environment: environment)
    }

    @Test func readsEveryDocumentOfEveryFile() throws {
        let resources = try resources([
            "a.yaml": "kind: Component\nmetadata: {name: one}\nspec: {type: state.in-memory}\n---\n---\n"
                + "kind: Resiliency\nmetadata: {name: patience}\n",
            "b.yml": "kind: Component\nmetadata: {name: two}\nspec: {type: state.sqlite, version: v1}\nscopes: [x]\n",
            "notes.txt": "not: [yaml", "deeper/c.yaml": "kind: Component",
        ])
        #expect(resources.components.map(\.name) == ["one", "two"])
        #expect(resources.skipped == ["Resiliency patience"])
        let two = resources.components[1]
        #expect(two.isVisible(to: "x"))
        #expect(!two.isVisible(to: "y"))
    }

    @Test func takesSecretsFromTheEnvironment() throws {
        let text = """
            kind: Component
            metadata: {name: environment}
            spec: {type: secretstores.local.env}
            ---
            kind: Component
            metadata: {name: statestore}
            spec:
              type: state.postgresql
              metadata:
              - name: connectionString
                secretKeyRef: {name: PG, key: PG}
              - {name: timeout, value: 5}
              - {name: Flag, value: true}
              - {name: other, envRef: OTHER}
            auth: {secretStore: environment}
            """
        let resources = try resources(["c.yaml": text], environment: ["PG": "host=db", "OTHER": "o"])
        let component = try #require(resources.components.last)
        #expect(component["connectionString"] == "host=db")
        #expect(component["timeout"] == "5")
        #expect(component["flag"] == "true")
        #expect(component["other"] == "o")
        #expect(component["absent"] == nil)
    }

    @Test(arguments: [
        "kind: Component\nmetadata: {name: x}", "kind: Component\nspec: {type: state.in-memory}", "a: [",
        "kind: Component\nmetadata: {name: x}\nspec: {type: t, metadata: [{value: 1}]}",
        "kind: Component\nmetadata: {name: x}\n"
            + "spec: {type: t, metadata: [{name: a, secretKeyRef: {name: k}}]}\nauth: {secretStore: none}",
    ])
    func refusesWhatIsNoComponent(text: String) {
        #expect(throws: ComponentFileError.self) { try resources(["c.yaml": text]) }
    }

    @Test func refusesAFolderThatIsNotThere() {
        #expect(throws: ComponentFileError.self) {
            try Resources(paths: ["/no/such/folder"], configurationFiles: [], environment: [:])
        }
    }

    @Test(
        arguments: [
            (nil, "app||k"), ("appid", "app||k"), ("name", "store||k"), ("none", "k"), ("word", "word||k"),
            ("namespace", "space.app||k"),
        ] as [(String?, String)])
    func prefixesKeys(strategy: String?, stored: String) {
        let prefix = KeyPrefix(strategy: strategy, appID: "app", storeName: "store", namespace: "space")
        #expect(prefix.stored("k") == stored)
    }

    @Test func leavesTheNamespaceOutWhereThereIsNone() {
        #expect(
            KeyPrefix(strategy: "namespace", appID: "app", storeName: "s", namespace: nil).stored("k") == "app||k")
    }
}

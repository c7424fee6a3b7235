import Foundation
import TestSupport
import Testing

@testable import Authentication

struct KeySetFileTests {
    let folder = TemporaryFolder()
    var path: String { folder.path("keys.json") }

    private static let publicKey =
        #"{"kty":"EC","kid":"ec-1","crv":"P-256","x":"MRqzDzr8aREmcPVaBQ8gKP9DDsl9yBCkLBr6kEG0XF0","#
        + #""y":"qXAsS9qlXXSdB7SzE6t2jFuR2aU8_4gY7D-5qSvzSfU"}"#

    private func write(_ text: String, mode: Int = 0o600) throws {
        try folder.write("keys.json", text)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    private func problem(_ file: KeySetFile) -> String {
        do throws(KeySetFailure) {
            _ = try file.load()
            return ""
        } catch {
            return error.description
        }
    }

    @Test func readsWhatHasChanged() throws {
        try write(String(decoding: TestIssuer.keySet("a"), as: UTF8.self))
        let file = KeySetFile(path: path)
        #expect(try file.load().keys.map(\.id) == ["a"])
        try write(String(decoding: TestIssuer.keySet("b", "c"), as: UTF8.self))
        #expect(try file.load().keys.map(\.id) == ["b", "c"])
    }

    @Test func secretsAreForTheirOwnerOnly() throws {
        let secrets = String(decoding: TestIssuer.keySet("a"), as: UTF8.self)
        for mode in [0o644, 0o640, 0o604] {
            try write(secrets, mode: mode)
            #expect(problem(KeySetFile(path: path)).contains("chmod 600 \(path)"))
        }
        try write(#"{"keys":[\#(Self.publicKey)]}"#, mode: 0o644)
        #expect(try KeySetFile(path: path).load().keys.count == 1)
    }

    @Test func aFileThatIsOpenedToOthersLaterIsRefusedToo() throws {
        try write(String(decoding: TestIssuer.keySet("a"), as: UTF8.self))
        let file = KeySetFile(path: path)
        _ = try file.load()
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        #expect(problem(file).contains("chmod 600"))
    }

    @Test(arguments: [
        ("{", "not JSON"), ("[]", "no list"), (#"{"keys":[]}"#, "no key to check signatures with by HS256"),
        (#"{"keys":[{"kty":"OKP"}]}"#, "no key to check"), (#"{"keys":[{"kty":"oct","k":"AAAA"}]}"#, "less than 32"),
        (String(repeating: " ", count: 300_000), "larger than 262144 bytes"),
    ])
    func saysWhatIsWrongWithAFile(text: String, words: String) throws {
        try write(text)
        let problem = problem(KeySetFile(path: path))
        #expect(problem.contains(words) && problem.contains(path), "\(problem)")
    }

    @Test func saysThatThereIsNone() {
        #expect(problem(KeySetFile(path: folder.path("none"))).contains("no file that this process can read"))
        #expect(problem(KeySetFile(path: "/")).contains("no file"))
    }
}

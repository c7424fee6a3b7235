import Testing

@testable import InferenceGatewayCore

@Suite struct FormModelScannerTests {
    private func scan(_ body: String, piece: Int = .max) throws -> ModelNameScanner.Progress {
        var scanner = FormModelScanner(
            boundary: try #require(FormBoundary(contentType: "multipart/form-data; boundary=B")))
        var rest = Array(body.utf8)[...]
        while !rest.isEmpty {
            let next = Array(rest.prefix(piece))
            rest = rest.dropFirst(piece)
            let progress = scanner.scan(next.span)
            if progress != .needsMore { return progress }
        }
        return .refused(scanner.problemAtEnd())
    }

    private static let file = """
        --B\r\nContent-Disposition: form-data; name="file"; filename="model"\r\nContent-Type: audio/wav\r\n\r\n\
        RIFF\r\n\r\n--b\r\n--\r--B\r\n
        """

    private static let forms: [String] = [
        "--B\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nchat\r\n--B--\r\n",
        "--B\r\ncontent-disposition:form-data;name=model\r\nX: y\r\n\r\nchat\r\n--B",
        "\r\n--B\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nchat\r\n--B\r\n",
        "before\r\n--B\r\nContent-Disposition: FORM-DATA; NAME=\"mod\\el\"\r\n\r\nchat\r\n--B\r\n",
        file
            + "--B\r\nContent-Type: text/plain\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nchat\r\n--B--",
        "--B\r\n\r\nno head\r\n--B\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nchat\r\n--B--",
        "--B\r\nContent-Disposition: form-data; name=\"model\"; filename=\"x\"\r\n\r\nother\r\n"
            + "--B\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nchat\r\n--B--",
        "--B\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nchat\r\n"
            + "--B\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nother\r\n--B--",
    ]

    @Test(arguments: forms)
    func findsTheFieldHoweverTheBodyIsSplit(body: String) throws {
        for piece in [1, 2, 7, Int.max] { #expect(try scan(body, piece: piece) == .found("chat")) }
    }

    @Test func whatLooksLikeADelimiterIsPartOfTheName() throws {
        let body = "--B\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\na\r\n--C\r\r\n-b\r\n--B--"
        for piece in [1, 3, Int.max] { #expect(try scan(body, piece: piece) == .found("a\r\n--C\r\r\n-b")) }
    }

    private static let refused: [(body: String, problem: ModelNameScanner.Problem)] = [
        ("", .malformed),
        ("--B--\r\n", .missing),
        (file + "--B--\r\n", .missing),
        ("--B\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n\r\n--B--", .empty),
        ("--B\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nchat", .malformed),
        ("--B\nContent-Disposition: form-data; name=\"model\"\n\nchat\n--B--", .malformed),
        ("--Bother\r\n", .malformed),
        ("{\"model\":\"chat\"}", .malformed),
        ("--B\r\nX: \(String(repeating: "x", count: 5000))\r\n\r\n", .malformed),
        (
            "--B\r\nContent-Disposition: form-data; name=model\r\n\r\n\(String(repeating: "x", count: 300))\r\n--B--",
            .tooLong
        ),
    ]

    @Test(arguments: refused)
    func saysWhyThereIsNone(body: String, problem: ModelNameScanner.Problem) throws {
        for piece in [1, 5, Int.max] { #expect(try scan(body, piece: piece) == .refused(problem)) }
    }

    @Test(arguments: [
        ("multipart/form-data; boundary=abc", "abc"),
        ("Multipart/Form-Data ;charset=utf-8; Boundary=\"a b\\\"c\" ; x=y", "a b\"c"),
        ("multipart/form-data; boundary=----WebKitFormBoundaryABC", "----WebKitFormBoundaryABC"),
    ])
    func readsTheBoundary(contentType: String, boundary: String) throws {
        #expect(try #require(FormBoundary(contentType: contentType)).bytes == Array(boundary.utf8))
    }

    @Test(arguments: [
        "", "multipart/form-data", "multipart/form-data; boundary=", "multipart/mixed; boundary=a", "application/json",
        "multipart/form-data; boundary=" + String(repeating: "x", count: 71), "multipart/form-data; boundary=\"é\"",
        ";boundary=a", "multipart/form-data; x",
    ])
    func otherContentTypesHaveNone(contentType: String) {
        #expect(FormBoundary(contentType: contentType) == nil)
    }
}

import JSON
import Testing

@testable import slipway

@Suite struct TableTests {
    @Test func alignsColumnsAndNumbers() {
        var table = Table(["name", "count", "note"])
        table.add(["a", "7", ""])
        table.add(["longer", "1234", "two\nlines"])
        #expect(
            table.text == """
                NAME    COUNT  NOTE
                a           7  –
                longer   1234  two lines

                """)
    }

    @Test func cutsWhatIsTooWide() {
        var table = Table(["a", "b"])
        let long = String(repeating: "x", count: 100)
        table.add([long, long])
        let cells = table.text.split(separator: "\n")[1].split(separator: " ")
        #expect(cells.map(\.count) == [Table.maximumCellWidth, 100])
        #expect(cells[0].hasSuffix("…"))
    }

    @Test func showsTheNamesOfAnEmptyTable() {
        #expect(Table(["name", "id"]).text == "NAME  ID\n")
    }

    @Test func alignsTheDetailsOfOneThing() {
        var details = Details()
        details.add("name", "tiny")
        details.add("what to do", "first\nsecond")
        details.add("absent", "")
        details.add("missing", nil)
        #expect(
            details.text == """
                name:        tiny
                what to do:  first
                             second

                """)
    }

    @Test(
        arguments: [
            (0, "0 bytes"), (1023, "1023 bytes"), (1024, "1.0 KiB"), (1_200_000, "1.1 MiB"), (24 << 30, "24.0 GiB"),
            (1 << 50, "1024.0 TiB"),
        ] as [(Int64, String)])
    func writesSizesForPeople(bytes: Int64, text: String) {
        #expect(byteText(bytes) == text)
    }

    @Test(arguments: [
        (Duration.milliseconds(0), "0.0 s"), (.milliseconds(4270), "4.2 s"), (.milliseconds(59_999), "59.9 s"),
        (.seconds(60), "1 min 00 s"), (.seconds(185), "3 min 05 s"), (.seconds(-1), "0.0 s"),
    ])
    func writesDurationsForPeople(duration: Duration, text: String) {
        #expect(elapsedText(duration) == text)
    }

    @Test(arguments: [
        ("plain\ttext\n", "plain\ttext\n"), ("\u{1B}[2J", "\u{FFFD}[2J"),
        ("a\rb\u{7F}\u{9B}", "a\u{FFFD}b\u{FFFD}\u{FFFD}"),
        ("é 😀", "é 😀"), ("a\r\nb", "a\u{FFFD}\nb"),
    ])
    func marksControlCharacters(text: String, printable: String) {
        #expect(text.printable == printable)
    }

    @Test func takesCellsOutOfDocuments() {
        let document: JSONValue = [
            "time": "2026-11-21T08:05:11.123Z", "needs": ["cpu": "500m", "gpu": 1], "flag": true, "none": nil,
        ]
        #expect(document.timeCell("time") == "2026-11-21 08:05:11")
        #expect(document.pairsCell("needs") == "cpu 500m, gpu 1")
        #expect(document.cell("flag") == "yes")
        #expect(document.cell("none") == "")
        #expect(document.cell("absent") == "")
    }
}

import TestSupport
import Testing

@testable import Kubernetes

struct LineSplitterTests {
    @Test func findsTheSameLinesHoweverTheyCome() throws {
        let lines = (0..<50).map { String(repeating: "é", count: $0 % 7 + 1) + "\($0)" }
        let bytes = Array(lines.joined(separator: "\n").utf8) + [UInt8(ascii: "\n")]
        for seed in 0..<200 as Range<UInt64> {
            var generator = SeededGenerator(seed: seed)
            var splitter = LineSplitter()
            var found: [String] = []
            var rest = bytes[...]
            while !rest.isEmpty {
                let piece = rest.prefix(Int.random(in: 1...40, using: &generator))
                rest = rest.dropFirst(piece.count)
                splitter.append(Array(piece))
                while let line = try splitter.next() { found.append(String(decoding: line, as: UTF8.self)) }
            }
            #expect(found == lines, "seed \(seed)")
        }
    }

    @Test func refusesALineWithoutAnEnd() throws {
        var splitter = LineSplitter()
        splitter.append([UInt8](repeating: 7, count: LineSplitter.maximumLineBytes))
        #expect(try splitter.next() == nil)
        splitter.append([7])
        #expect(throws: LineSplitter.LineTooLong.self) { try splitter.next() }
    }

    @Test func skipsEmptyLinesAndKeepsWhatHasNoEndYet() throws {
        var splitter = LineSplitter()
        splitter.append(Array("\n\na\nb".utf8))
        #expect(try splitter.next() == Array("a".utf8))
        #expect(try splitter.next() == nil)
        splitter.append([UInt8(ascii: "\n")])
        #expect(try splitter.next() == Array("b".utf8))
    }
}

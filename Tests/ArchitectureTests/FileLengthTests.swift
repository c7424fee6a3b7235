import Testing

/// Most files are short: that is what makes the rest of the rules easy to keep.
@Suite struct FileLengthTests {
    @Test func filesAreShortAsAWhole() {
        let lengths = Repository.swiftFiles.filter { !$0.isTest && !$0.isManifest }.map(\.lines.count)
        let (median, ninetieth) = distribution(lengths)
        #expect(median <= Size.maximumMedianFileLines, "the median of \(lengths.count) files is \(median) lines")
        #expect(
            ninetieth <= Size.maximumNinetiethPercentileFileLines,
            "nine in ten of \(lengths.count) files have up to \(ninetieth) lines")
    }

    @Test func measuresTheDistribution() {
        #expect(distribution(Array(1...100)) == (50, 90))
        #expect(distribution([7]) == (7, 7))
        #expect(distribution([]) == (0, 0))
    }

    @Test func findsTheLengthOfFunctions() {
        let text = """
            protocol P {
                func requirement() throws
                init(a: Int)
            }
            struct S {
                init?(
                    a: Int = 1
                ) {
                    b { c() }
                }
                func two(_ f: () -> Void = {}) {
                }
            }
            """
        let found = functions(in: SourceFile(path: "Shared/Sample.swift", text: text))
        #expect(found.map(\.line) == [6, 11])
        #expect(found.map(\.length) == [5, 2])
    }

    /// The middle and the ninetieth hundredth, each a value that occurs.
    private func distribution(_ lengths: [Int]) -> (median: Int, ninetieth: Int) {
        let sorted = lengths.sorted()
        guard !sorted.isEmpty else { return (0, 0) }
        return (sorted[(sorted.count - 1) / 2], sorted[(sorted.count * 9 + 9) / 10 - 1])
    }
}

import Domain
import TestSupport
import Testing

struct TimestampTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (1_795_248_311_042, "2026-11-21T08:05:11.042Z"), (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
    ])
    func writesAndReadsRFC3339(milliseconds: Int64, text: String) {
        #expect(Timestamp(millisecondsSinceEpoch: milliseconds).description == text)
        #expect(Timestamp(text)?.millisecondsSinceEpoch == milliseconds)
    }

    @Test func readsOffsetsAndFineFractions() {
        let expected = Timestamp("2026-11-21T08:05:11.042Z")
        #expect(Timestamp("2026-11-21T10:05:11.042999+02:00") == expected)
        #expect(Timestamp("2026-11-21T03:35:11.042-04:30") == expected)
        #expect(Timestamp("2026-11-21t08:05:11.042z") == expected)
    }

    @Test(arguments: [
        "", "2026-11-21", "2026-11-21 08:05:11Z", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z",
        "2026-11-21T24:00:00Z",
        "2026-11-21T08:05:11", "2026-11-21T08:05:11.Z", "2026-11-21T08:05:11Zjunk", "2026-11-21T08:05:11+2:00",
        "2026-11-21T08:05:61.0Z", "٢026-11-21T08:05:11Z",
    ])
    func refuses(text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test func everyMomentSurvivesTheRoundTrip() {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<2000 {
            let moment = Timestamp(
                millisecondsSinceEpoch: .random(in: -60_000_000_000_000...250_000_000_000_000, using: &generator))
            #expect(Timestamp(moment.description) == moment)
        }
    }
}

import Domain
import Testing

struct ResourceRequirementsTests {
    @Test(arguments: [
        ("1", 1000), ("500m", 500), ("0.5", 500), ("1.5", 1500), ("2k", 2_000_000), ("0", 0),
        ("1Ki", 1_024_000), ("1.5Ki", 1_536_000),
    ])
    func readsQuantities(text: String, thousandths: Int64) throws {
        #expect(try ResourceQuantity(text).thousandths == thousandths)
    }

    @Test(arguments: ["", "m", "-1", "1.", ".5", "1e3", "0.0005", "1 Gi", "one", "9999999Ti", "1Zi", "١", "+1", "1..2"])
    func refusesOtherTexts(text: String) {
        #expect(throws: ResourceQuantity.ParseError.self) { try ResourceQuantity(text) }
    }

    @Test func roundsMemoryUpToWholeMebibytes() throws {
        #expect(try ResourceQuantity("1G").amount(in: .mebi) == 954)
        #expect(try ResourceQuantity("512Mi").amount(in: .mebi) == 512)
        #expect(try ResourceQuantity("1").amount(in: .mebi) == 1)
    }

    @Test func reportsEveryProblemAtOnce() {
        #expect(
            throws: ServiceError.invalid([
                FieldProblem(field: "/r/disk", message: "unknown resource; use gpu, cpu or memory"),
                FieldProblem(field: "/r/gpu", message: "must be a whole number"),
                FieldProblem(
                    field: "/r/memory",
                    message: "\"lots\" is not a quantity; write for example 1, 500m or 512Mi"),
            ])
        ) {
            try ResourceRequirements.parse(["gpu": "500m", "memory": "lots", "disk": "1"], path: "/r")
        }
    }

    @Test func writesBackWhatItRead() throws {
        let quantities = ["gpu": "1", "cpu": "1500m", "memory": "512Mi"]
        #expect(try ResourceRequirements.parse(quantities, path: "").quantities == quantities)
    }
}

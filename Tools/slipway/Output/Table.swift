/// Rows in aligned columns, without borders: for people, and still easy to cut for scripts.
struct Table: Sendable {
    /// The widest a cell may be. What is longer is cut with an ellipsis, except in the last column.
    static let maximumCellWidth = 60

    let columns: [String]
    private(set) var rows: [[String]] = []

    init(_ columns: [String]) { self.columns = columns }

    /// Takes as many cells as there are columns.
    mutating func add(_ cells: [String]) {
        rows.append(
            cells.enumerated().map { index, cell in
                let line = cell.split(whereSeparator: \.isNewline).joined(separator: " ").printable
                let isLong = line.count > Self.maximumCellWidth && index < columns.count - 1
                return line.isEmpty ? "–" : isLong ? line.prefix(Self.maximumCellWidth - 1) + "…" : line
            })
    }

    /// With a line of column names, ending in a line break; numbers stand to the right.
    var text: String {
        let all = [columns.map { $0.uppercased() }] + rows
        let widths = columns.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        let isNumeric = columns.indices.map { column in
            rows.contains { $0[column] != "–" }
                && rows.allSatisfy { $0[column].allSatisfy(\.isNumber) || $0[column] == "–" }
        }
        let lines = all.map { row in
            let cells = row.indices.map { column in
                let padding = String(repeating: " ", count: widths[column] - row[column].count)
                return isNumeric[column] ? padding + row[column] : row[column] + padding
            }
            let line = cells.joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

/// The known word that `word` was probably meant to be; nil if none is near.
func nearestWord(to word: String, among known: [String]) -> String? {
    let ranked = known.map { ($0, editDistance(word, $0)) }.min { $0.1 < $1.1 }
    guard let (nearest, distance) = ranked, distance <= max(1, nearest.count / 3) else { return nil }
    return nearest
}

/// How many letters must be inserted, removed, replaced or swapped with their neighbour to turn one word into the
/// other.
func editDistance(_ first: String, _ second: String) -> Int {
    let first = Array(first)
    let second = Array(second)
    var rows = [Array(0...second.count)]
    for i in first.indices {
        var row = [i + 1]
        for j in second.indices {
            var best = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (first[i] == second[j] ? 0 : 1))
            if i > 0, j > 0, first[i] == second[j - 1], first[i - 1] == second[j] {
                best = min(best, rows[i - 1][j - 1] + 1)
            }
            row.append(best)
        }
        rows.append(row)
    }
    return rows[first.count][second.count]
}

import Domain

/// `4.2 s`, `3 min 05 s`: a duration for people.
func elapsedText(_ duration: Duration) -> String {
    let milliseconds = max(0, duration.wholeMilliseconds)
    let seconds = milliseconds / 1000
    guard seconds >= 60 else { return "\(seconds).\(milliseconds % 1000 / 100) s" }
    let rest = seconds % 60
    return "\(seconds / 60) min \(rest < 10 ? "0" : "")\(rest) s"
}

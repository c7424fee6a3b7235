/// How long a token or a key is good for, as the APIs have it: up to ten years.
enum Lifetime {
    static let seconds: ClosedRange<Int64> = 1...315_360_000
}

import Synchronization

/// Regular expressions that were compiled before. It is emptied when it is full: patterns come from policies, of which
/// there are not so many, but may come from requests too.
final class PatternCache: Sendable {
    static let maximumPatterns = 10_000

    private let programs = Mutex<[ExactText: Result<RegexProgram, PatternError>]>([:])

    func program(_ text: String) throws(PatternError) -> RegexProgram {
        let key = ExactText(text)
        if let known = programs.withLock({ $0[key] }) { return try known.get() }
        let made: Result<RegexProgram, PatternError>
        do throws(PatternError) {
            made = .success(try RegexProgram(text))
        } catch {
            made = .failure(error)
        }
        programs.withLock { programs in
            if programs.count >= Self.maximumPatterns { programs = [:] }
            programs[key] = made
        }
        return try made.get()
    }
}

extension TraceContext {
    /// The trace that the work at hand belongs to, for log lines and calls of neighbours; nil outside of any.
    @TaskLocal public static var current: TraceContext?
}

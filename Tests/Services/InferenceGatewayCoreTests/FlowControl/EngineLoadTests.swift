import Testing

@testable import InferenceGatewayCore

@Suite struct EngineLoadTests {
    @Test func readsWhatVLLMTells() {
        let text = """
            # HELP vllm:num_requests_running Number of requests in model execution batches.
            # TYPE vllm:num_requests_running gauge
            vllm:num_requests_running{engine="0",model_name="a } b"} 2.0
            vllm:num_requests_running{engine="1",model_name="tiny"} 1.0
            vllm:num_requests_waiting{engine="0",model_name="tiny"} 14.0
            vllm:num_requests_waiting_by_reason{engine="0",reason="capacity"} 14.0
            vllm:kv_cache_usage_perc{engine="0"} 0.5
            vllm:kv_cache_usage_perc{engine="1"} 0.25
            """
        #expect(EngineLoad(metrics: text) == EngineLoad(running: 3, waiting: 14, cacheThousandths: 500))
    }

    @Test func readsWhatLlamaCppTells() {
        let text = "llamacpp:requests_processing 4\r\nllamacpp:requests_deferred 44\r\n"
        #expect(EngineLoad(metrics: text) == EngineLoad(running: 4, waiting: 44))
    }

    @Test(arguments: [
        "", "<html>", "vllm:num_requests_running 1", "llamacpp:requests_processing\nllamacpp:requests_deferred",
        "llamacpp:requests_processing NaN\nllamacpp:requests_deferred 1",
        "llamacpp:requests_processing +Inf\nllamacpp:requests_deferred 1",
        "vllm:num_requests_running{ 1\nvllm:num_requests_waiting 2",
    ])
    func whatDoesNotTellIsNoLoad(text: String) {
        #expect(EngineLoad(metrics: text) == nil)
    }

    @Test(arguments: [
        ("9e18", 1_000_000), ("1e308", 1_000_000), ("9223372036854775807", 1_000_000), ("-1", 0), ("-1e308", 0),
        ("0.4", 0), ("1000001", 1_000_000),
    ])
    func numbersOutOfRangeCountAsTheNearestThatIsInIt(number: String, count: Int) {
        for names in [
            ("vllm:num_requests_running", "vllm:num_requests_waiting"),
            ("llamacpp:requests_processing", "llamacpp:requests_deferred"),
        ] {
            let text = "\(names.0) \(number)\n\(names.1) \(number)\nvllm:kv_cache_usage_perc \(number)\n"
            let load = EngineLoad(metrics: text)
            #expect(load?.running == count && load?.waiting == count)
            #expect((0...1000).contains(load?.cacheThousandths ?? -1))
        }
    }

    @Test(arguments: ["NaN", "Inf", "-Inf", "1e309"]) func whatIsNoNumberTellsNothing(number: String) {
        #expect(EngineLoad(metrics: "vllm:num_requests_running \(number)\nvllm:num_requests_waiting 1") == nil)
        #expect(EngineLoad(metrics: "vllm:num_requests_running 1\nvllm:num_requests_waiting \(number)") == nil)
    }

    /// Every mixture of loads and of requests under way, also in a row.
    @Test func noNumberOfAnEngineIsTooLargeToLearnFrom() {
        let numbers = [Int.min, -1, 0, 1, 1_000_000, 9_000_000_000_000_000_000, Int.max]
        for running in numbers {
            for waiting in numbers {
                var learned = LearnedConcurrency()
                for outstanding in numbers {
                    learned.look(at: EngineLoad(running: running, waiting: waiting), outstanding: outstanding)
                }
                for _ in 0..<200 { learned.look(at: EngineLoad(running: running, waiting: 0), outstanding: .max) }
                if let limit = learned.limit { #expect((1...1_000_001).contains(limit)) }
            }
        }
    }

    @Test func anEngineThatQueuesGetsWhatItWorksOnAndOneMore() {
        var learned = LearnedConcurrency()
        learned.look(at: EngineLoad(running: 2, waiting: 14), outstanding: 16)
        #expect(learned.limit == 3)
        learned.look(at: EngineLoad(running: 2, waiting: 1), outstanding: 3)
        #expect(learned.limit == 3)
    }

    @Test func anEngineThatHasNotBegunTellsNothing() {
        var learned = LearnedConcurrency()
        learned.look(at: EngineLoad(running: 0, waiting: 24), outstanding: 24)
        #expect(learned.limit == nil)
        learned.look(at: EngineLoad(running: 2, waiting: 22), outstanding: 24)
        learned.look(at: EngineLoad(running: 0, waiting: 1), outstanding: 3)
        #expect(learned.limit == 3)
    }

    @Test func severalGatewaysShareAnEngine() {
        var learned = LearnedConcurrency()
        learned.look(at: EngineLoad(running: 8, waiting: 8), outstanding: 4)
        #expect(learned.limit == 3)
        learned.look(at: EngineLoad(running: 2, waiting: 22), outstanding: 11)
        #expect(learned.limit == 2)
    }

    @Test func theLimitGrowsWhileItIsUsedAndGoesWhenItIsNot() {
        var learned = LearnedConcurrency()
        learned.look(at: EngineLoad(running: 16, waiting: 4), outstanding: 20)
        #expect(learned.limit == 17)
        learned.look(at: EngineLoad(running: 17, waiting: 0), outstanding: 17)
        #expect(learned.limit == 19)
        for _ in 0..<29 { learned.look(at: EngineLoad(running: 1, waiting: 0), outstanding: 1) }
        #expect(learned.limit == 19)
        learned.look(at: EngineLoad(running: 1, waiting: 0), outstanding: 1)
        #expect(learned.limit == nil)
    }

    @Test func anEngineThatHasNotSeenItsRequestsYetGetsNoMoreOfThem() {
        var learned = LearnedConcurrency()
        learned.look(at: EngineLoad(running: 2, waiting: 14), outstanding: 16)
        learned.look(at: EngineLoad(running: 0, waiting: 0), outstanding: 3)
        #expect(learned.limit == 3)
        learned.look(at: EngineLoad(running: 2, waiting: 0), outstanding: 3)
        #expect(learned.limit == 4)
    }

    @Test func withoutAQueueNothingIsLimited() {
        var learned = LearnedConcurrency()
        learned.look(at: EngineLoad(running: 200, waiting: 0), outstanding: 200)
        #expect(learned.limit == nil)
    }
}

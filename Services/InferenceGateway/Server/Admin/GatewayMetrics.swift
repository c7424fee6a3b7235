import Domain
import InferenceGatewayCore

/// What the gateway has counted, for Prometheus. Read from the meters when asked for: counting itself stays as cheap
/// as the data path needs it.
struct GatewayMetrics: Sendable {
    let routes: CurrentRoutes
    let refusals: RefusalMeter
    let freshness: RouteFreshness
    let usage: UsageStatus
    let now: @Sendable () -> Timestamp

    func text() -> String {
        let table = routes.table
        var text = PrometheusText()
        addInstances(table.meters.map { ($0, $0.snapshot) }, to: &text)
        let outstanding = "slipway_gateway_outstanding_requests"
        text.begin(outstanding, .gauge, "Requests that an instance has been sent and not finished.")
        for upstream in table.routes.flatMap(\.upstreams) {
            text.add(outstanding, upstream.meter.labels, upstream.outstanding)
        }
        addBalancing(table.routes, to: &text)
        let refused = "slipway_gateway_refusals_total"
        text.begin(refused, .counter, "Requests that the gateway answered itself, by reason and service, if known.")
        for count in refusals.snapshot {
            let labels: PrometheusText.Labels = [
                "protocol": count.inferenceProtocol?.rawValue ?? "none", "reason": count.reason,
                "service": count.service,
            ]
            text.add(refused, labels, count.count)
        }
        text.begin("slipway_gateway_routes", .gauge, "Services in the route table.")
        text.add("slipway_gateway_routes", [:], table.count)
        if let state = freshness.state {
            text.begin("slipway_gateway_routes_age_seconds", .gauge, "Since the route table was last confirmed.")
            text.add("slipway_gateway_routes_age_seconds", [:], seconds: now() - state.confirmedAt)
        }
        addUsage(usage.state, to: &text)
        return text.text
    }

    private func addBalancing(_ routes: [ServiceRoute], to text: inout PrometheusText) {
        let upstreams = routes.flatMap(\.upstreams)
        let ejected = "slipway_gateway_ejected"
        text.begin(ejected, .gauge, "1 for an instance that is left alone for its failures, or tried again.")
        for upstream in upstreams { text.add(ejected, upstream.meter.labels, upstream.health.isEjected ? 1 : 0) }
        let limit = "slipway_gateway_concurrency_limit"
        text.begin(limit, .gauge, "Requests that an instance is sent at once, where that is limited.")
        for upstream in upstreams {
            if let concurrency = upstream.concurrency { text.add(limit, upstream.meter.labels, concurrency) }
        }
        let waiting = "slipway_gateway_engine_queue_length"
        text.begin(waiting, .gauge, "Requests that wait inside an engine, when it was asked last.")
        for upstream in upstreams {
            if let load = upstream.load { text.add(waiting, upstream.meter.labels, load.waiting) }
        }
        let cache = "slipway_gateway_engine_cache_usage_ratio"
        text.begin(cache, .gauge, "How full an engine's cache of keys and values was, when it was asked last.")
        for upstream in upstreams {
            guard let thousandths = upstream.load?.cacheThousandths else { continue }
            text.add(cache, upstream.meter.labels, thousandths: thousandths)
        }
        let queues = routes.map { (labels: ["service": $0.name] as PrometheusText.Labels, queue: $0.queue.snapshot) }
        let length = "slipway_gateway_queue_length"
        text.begin(length, .gauge, "Requests that wait for an instance.")
        for (labels, queue) in queues { text.add(length, labels, queue.waiting) }
        let waits = "slipway_gateway_queue_seconds"
        text.begin(waits, .histogram, "How long requests waited that had to and got their turn.")
        for (labels, queue) in queues { text.add(waits, labels, queue.waits) }
    }

    private func addUsage(_ state: UsageStatus.State, to text: inout PrometheusText) {
        let sent = "slipway_gateway_usage_batches_sent_total"
        text.begin(sent, .counter, "Batches of counts that ModelServing has taken.")
        text.add(sent, [:], state.batchesSent)
        let failed = "slipway_gateway_usage_attempts_failed_total"
        text.begin(failed, .counter, "Batches that have to be sent again.")
        text.add(failed, [:], state.attemptsFailed)
        let gauges: [(String, String, Int64)] = [
            (
                "slipway_gateway_usage_batches_pending", "Batches that ModelServing has not taken.",
                Int64(state.batchesUnderway)
            ),
            (
                "slipway_gateway_usage_requests_pending", "Requests on disk that were not reported.",
                state.unreportedRequests
            ),
            (
                "slipway_gateway_usage_log_bytes", "Size of the write-ahead file of counts.",
                Int64(state.logBytes)
            ),
        ]
        for (name, help, value) in gauges {
            text.begin(name, .gauge, help)
            text.add(name, [:], value)
        }
    }

    private func addInstances(
        _ instances: [(meter: InstanceMeter, counts: InstanceMeter.Snapshot)], to text: inout PrometheusText
    ) {
        let requests = "slipway_gateway_requests_total"
        text.begin(requests, .counter, "Requests by the instance that served them, protocol and status.")
        for (meter, counts) in instances {
            for count in counts.requests {
                let labels: PrometheusText.Labels = [
                    "service": meter.service, "revision": "\(meter.revision)", "instance_id": "\(meter.instanceID)",
                    "protocol": count.inferenceProtocol.rawValue, "code": "\(count.status)",
                ]
                text.add(requests, labels, count.count)
            }
        }
        let counters: [(String, String, KeyPath<InstanceMeter.Snapshot, UInt64>)] = [
            ("slipway_gateway_clients_gone_total", "Callers that left or broke off in mid-answer.", \.clientsGone),
            ("slipway_gateway_answers_broken_total", "Answers that the instance broke off.", \.answersBroken),
            ("slipway_gateway_attempts_failed_total", "Attempts repeated on another instance.", \.attemptsFailed),
            ("slipway_gateway_ejections_total", "Times that it was left alone for its failures.", \.ejections),
            ("slipway_gateway_prompt_tokens_total", "Tokens in, as engines count them.", \.promptTokens),
            ("slipway_gateway_completion_tokens_total", "Tokens out, as engines count them.", \.completionTokens),
        ]
        for (name, help, value) in counters {
            text.begin(name, .counter, help)
            for (meter, counts) in instances { text.add(name, meter.labels, counts[keyPath: value]) }
        }
        let histograms: [(String, String, KeyPath<InstanceMeter.Snapshot, DurationHistogram>)] = [
            ("slipway_gateway_request_duration_seconds", "Until an answer's end.", \.durations),
            ("slipway_gateway_first_byte_seconds", "Until an answer's head.", \.firstBytes),
            (
                "slipway_gateway_time_to_first_token_seconds", "Until the first piece of a stream of events.",
                \.firstTokens
            ),
        ]
        for (name, help, value) in histograms {
            text.begin(name, .histogram, help)
            for (meter, counts) in instances { text.add(name, meter.labels, counts[keyPath: value]) }
        }
    }
}

extension InstanceMeter {
    fileprivate var labels: PrometheusText.Labels {
        ["service": service, "revision": "\(revision)", "instance_id": "\(instanceID)"]
    }
}

extension PrometheusText {
    fileprivate mutating func add(_ name: String, _ labels: Labels, _ histogram: DurationHistogram) {
        let buckets = zip(DurationHistogram.bounds, histogram.buckets).map { (bound: $0, count: $1) }
        add(name, labels, buckets: buckets, count: histogram.count, sum: histogram.sum)
    }
}

import Domain
import JSON
import ModelServingCore

/// Model services as the API tells them.
struct ServiceDocument: Sendable {
    typealias InstanceUsage = [ModelServiceInstanceID: UsageCounts]

    /// The gateway's address, without a slash at its end.
    let gatewayURL: String
    let now: @Sendable () -> Timestamp

    func json(_ service: ModelService, _ usage: InstanceUsage) -> JSONValue {
        let configuration = service.configuration
        var document = JSONObject([
            ("id", .string(service.id.description)), ("name", .string(service.name.description)),
            ("owner_id", .string(service.ownerID)),
            ("model_id", .string(configuration.modelID.description)),
            ("model_version", .string(configuration.modelVersion.description)),
            ("endpoint", .string("\(gatewayURL)/services/\(service.name)")),
            ("resource_requirements", json(configuration.requirements)),
            ("runtime", .string(configuration.runtime.rawValue)),
            ("replicas", .integer(Int64(configuration.replicas))),
            ("ready_replicas", .integer(Int64(service.readyReplicas))),
            ("visibility", .string(configuration.visibility.rawValue)),
            ("balancing", json(configuration.balancing)),
            ("status", .string(service.status.rawValue)),
            ("conditions", .array(service.conditions.map(json))),
        ])
        document["resolved_version"] = service.revision.resolvedVersion.map { .integer(Int64($0)) }
        document["resource_group"] = configuration.resourceGroup.map(JSONValue.string)
        document["location"] = configuration.location.map(JSONValue.string)
        document["pool_labels"] = configuration.poolLabels.map { labels in
            .object(JSONObject(labels.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
        }
        document["flow_control"] = configuration.flowControl.map(json)
        document["engine"] = configuration.engine?.json
        document["runtime_options"] = configuration.options?.json
        document["canary_percent"] = configuration.canaryPercent.map { .integer(Int64($0)) }
        document["placement"] = configuration.placement.map { .string($0.rawValue) }
        document["next_retry_at"] = service.nextRetryAt.map { .string($0.description) }
        document["operator_action"] = service.operatorAction.map(JSONValue.string)
        document["failure"] = service.failure.map(json)
        document["revision"] = .integer(Int64(service.revision.number))
        document["traffic"] = traffic(service)
        document["instances"] = .array(service.instances.map { json($0, of: service, usage) })
        document["created_at"] = .string(service.createdAt.description)
        document["updated_at"] = .string(service.updatedAt.description)
        return .object(document)
    }

    /// With the revisions that it can be rolled back to.
    func detailed(_ service: ModelService, _ usage: InstanceUsage) -> JSONValue {
        guard case .object(var document) = json(service, usage) else { return .null }
        document["revisions"] = .array(service.revisions.map(json))
        return .object(document)
    }

    func json(_ instance: ModelServiceInstance, of service: ModelService, _ usage: InstanceUsage) -> JSONValue {
        var document = JSONObject([
            ("id", .string(instance.id.description)), ("model_service_id", .string(service.id.description)),
            ("revision", .integer(Int64(instance.revision))), ("status", .string(instance.status.rawValue)),
            ("phase", .string(instance.phase.rawValue)), ("attempts", .integer(Int64(instance.attempts))),
            ("restarts", .integer(Int64(instance.restarts))),
        ])
        document["next_retry_at"] = instance.nextRetryAt.map { .string($0.description) }
        document["failure"] = instance.failure.map(json)
        document["message"] = instance.message.map(JSONValue.string)
        document["replicas"] = instance.replicas.map { .integer(Int64($0.wanted)) }
        document["ready_replicas"] = instance.replicas.map { .integer(Int64($0.ready)) }
        document["start_time"] = instance.startTime.map { .string($0.description) }
        document["run_time"] = .string(Self.seconds(instance.runTime(at: now())))
        let counts = usage[instance.id] ?? UsageCounts()
        document["processed_requests"] = .integer(counts.requests)
        document["failed_requests"] = .integer(counts.errors)
        document["prompt_tokens"] = .integer(counts.promptTokens)
        document["completion_tokens"] = .integer(counts.completionTokens)
        document["node"] = instance.node.map(JSONValue.string)
        document["url"] = instance.url.map(JSONValue.string)
        document["created_at"] = .string(instance.createdAt.description)
        document["updated_at"] = .string(instance.updatedAt.description)
        return .object(document)
    }

    func json(_ event: ServiceEvent) -> JSONValue {
        var document = JSONObject([
            ("time", .string(event.time.description)), ("last_seen_at", .string(event.lastSeenAt.description)),
            ("count", .integer(Int64(event.count))),
            ("type", event.severity == .warning ? "Warning" : "Normal"),
            ("reason", .string(event.reason)), ("message", .string(event.message)),
        ])
        document["instance_id"] = event.instanceID.map { .string($0.description) }
        return .object(document)
    }

    func json(_ token: EndpointToken) -> JSONValue {
        var document = JSONObject([
            ("id", .string(token.id.description)), ("name", .string(token.name)),
            ("created_at", .string(token.createdAt.description)),
        ])
        document["expires_at"] = token.expiresAt.map { .string($0.description) }
        document["requests_per_minute"] = token.requestsPerMinute.map { .integer(Int64($0)) }
        document["tokens_per_minute"] = token.tokensPerMinute.map { .integer(Int64($0)) }
        return .object(document)
    }

    func json(_ problem: FieldProblem) -> JSONValue {
        ["field": .string(problem.field), "message": .string(problem.message)]
    }

    /// As in protocol buffers' JSON: `3723.042s`.
    static func seconds(_ duration: Duration) -> String {
        let milliseconds = duration.wholeMilliseconds
        let fraction = String(1000 + milliseconds % 1000).dropFirst()
        return "\(milliseconds / 1000).\(fraction)s"
    }

    private func json(_ requirements: ResourceRequirements) -> JSONValue {
        let quantities = requirements.quantities.sorted { $0.key < $1.key }
        return .object(JSONObject(quantities.map { ($0.key, .string($0.value)) }))
    }

    private func json(_ balancing: Balancing?) -> JSONValue { .string((balancing ?? .leastOutstanding).rawValue) }

    private func json(_ flow: FlowControl) -> JSONValue {
        var document = JSONObject()
        document["concurrency"] = flow.concurrency.map { .integer(Int64($0)) }
        document["queue_length"] = flow.queueLength.map { .integer(Int64($0)) }
        document["queue_seconds"] = flow.queueSeconds.map { .integer(Int64($0)) }
        return .object(document)
    }

    private func json(_ condition: Condition) -> JSONValue {
        [
            "type": .string(condition.type), "status": .string(condition.status.rawValue),
            "reason": .string(condition.reason), "message": .string(condition.message),
            "last_transition_time": .string(condition.lastTransitionTime.description),
        ]
    }

    private func json(_ failure: Failure) -> JSONValue {
        [
            "reason": .string(failure.reason.rawValue), "message": .string(failure.message),
            "operator_action": .string(failure.operatorAction),
        ]
    }

    private func json(_ revision: Revision) -> JSONValue {
        var document = JSONObject([
            ("revision", .integer(Int64(revision.number))),
            ("model_id", .string(revision.configuration.modelID.description)),
            ("model_version", .string(revision.configuration.modelVersion.description)),
        ])
        document["resolved_version"] = revision.resolvedVersion.map { .integer(Int64($0)) }
        document["resource_requirements"] = json(revision.configuration.requirements)
        document["replicas"] = .integer(Int64(revision.configuration.replicas))
        document["balancing"] = json(revision.configuration.balancing)
        document["flow_control"] = revision.configuration.flowControl.map(json)
        document["engine"] = revision.configuration.engine?.json
        document["runtime_options"] = revision.configuration.options?.json
        document["canary_percent"] = revision.configuration.canaryPercent.map { .integer(Int64($0)) }
        document["created_at"] = .string(revision.createdAt.description)
        return .object(document)
    }

    /// The share of each revision as things are: that of a canary is told, and else every ready instance gets the same.
    private func traffic(_ service: ModelService) -> JSONValue {
        let ready = Dictionary(grouping: service.instances.filter(\.isReady), by: \.revision)
        let total = ready.values.reduce(0) { $0 + $1.count }
        let shares = service.trafficWeights ?? ready.mapValues { ($0.count * 100 + total / 2) / total }
        return .array(
            shares.sorted { $0.key < $1.key }.map { revision, percent in
                ["revision": .integer(Int64(revision)), "percent": .integer(Int64(percent))]
            })
    }
}

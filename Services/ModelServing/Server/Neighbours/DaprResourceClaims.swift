import Contracts
import Domain
import FoundationEssentials
import HTTP
import JSON
import ModelServingCore

/// The capacity that ResourceManagement gives out.
struct DaprResourceClaims: ResourceClaims {
    /// Pages of a listing that are read.
    private static let maximumPages = 100

    let neighbour: Neighbour

    func claim(_ claim: ResourceClaim) async throws(Failure) {
        let request = ResourceClaimRequest(
            serviceID: claim.serviceID, instanceID: claim.id.instanceID,
            resourceRequirements: claim.requirements.quantities, resourceGroup: claim.pools.resourceGroup,
            location: claim.pools.location, labels: claim.pools.labels.isEmpty ? nil : claim.pools.labels,
            placement: claim.placement)
        guard let body = try? JSONEncoder().encode(request) else {
            throw Failure(.internalFault, "the claim of \(claim.id.instanceID) cannot be written")
        }
        let answer = try await neighbour.call(.put, "/resource_claims/\(claim.id.uuid)", Array(body))
        if answer.status.isSuccess { return }
        guard answer.code == "insufficient_capacity" else { throw Failure(.claimRefused, answer.problem) }
        // Whether waiting can help depends on how large the pools are, not on what is free in them.
        let size = try await shortfall(
            claim.requirements, from: claim.pools, of: "total_capacity")
        throw Failure(size == nil ? .insufficientCapacity : .capacityExceeded, answer.problem)
    }

    func release(_ claim: ClaimID) async throws(Failure) {
        let answer = try await neighbour.call(.delete, "/resource_claims/\(claim.uuid)")
        guard answer.status.isSuccess || answer.status == .notFound else {
            throw Failure(.resourceManagementUnavailable, "\(neighbour.appID) answers: \(answer.problem)")
        }
    }

    func shortfall(
        _ requirements: ResourceRequirements, from pools: PoolSelector
    ) async throws(Failure) -> String? {
        try await shortfall(requirements, from: pools, of: "available_capacity")
    }

    /// - Parameter capacity: the field of a pool that has to be large enough.
    private func shortfall(
        _ requirements: ResourceRequirements, from selector: PoolSelector, of capacity: String
    ) async throws(Failure) -> String? {
        guard !requirements.amounts.isEmpty else { return nil }
        let pools = try await list("/resource_pools", "resource_pools").filter { pool in
            selector.accepts(
                resourceGroup: pool["resource_group"]?.stringValue, location: pool["location"]?.stringValue,
                labels: Self.labels(of: pool))
        }
        for (type, amount) in requirements.amounts {
            let largest = pools.filter { $0["resource_type"]?.stringValue == type.rawValue }
                .compactMap { $0[capacity]?.integerValue }.max()
            guard let largest else { return "there is no pool of \(type.rawValue) that may be used" }
            if largest < amount {
                return "\(amount) \(type.unit) of \(type.rawValue) are needed, and no pool has more than \(largest)"
                    + (capacity == "available_capacity" ? " free" : "")
            }
        }
        return nil
    }

    private static func labels(of pool: JSONValue) -> [String: String] {
        let members = pool["labels"]?.objectValue?.members ?? []
        return members.reduce(into: [:]) { labels, member in labels[member.name] = member.value.stringValue }
    }

    func held() async throws(Failure) -> [HeldClaim] {
        try await list("/resource_claims", "resource_claims").compactMap { claim in
            // Claims that others made under ids of their own are theirs to release.
            guard let uuid = claim["id"]?.stringValue.flatMap({ UUIDv7($0) }),
                let instance = claim["instance_id"]?.stringValue.flatMap({ ModelServiceInstanceID($0) }),
                let service = claim["service_id"]?.stringValue.flatMap({ ModelServiceID($0) }),
                let id = ClaimID(uuid, of: instance)
            else { return nil }
            return HeldClaim(id: id, serviceID: service)
        }
    }

    /// Every element of a listing.
    private func list(_ path: String, _ member: String) async throws(Failure) -> [JSONValue] {
        var elements: [JSONValue] = []
        var token = ""
        for _ in 0..<Self.maximumPages {
            let answer = try await neighbour.call(
                .get, "\(path)?page_size=500" + (token.isEmpty ? "" : "&page_token=\(token)"))
            guard answer.status == .ok else {
                throw Failure(.resourceManagementUnavailable, "\(neighbour.appID) answers: \(answer.problem)")
            }
            elements += answer.json[member]?.arrayValue ?? []
            guard let next = answer.json["next_page_token"]?.stringValue else { return elements }
            token = PercentEncoding.encode(next)
        }
        throw Failure(.resourceManagementUnavailable, "\(neighbour.appID) has more than \(elements.count) \(member)")
    }
}

extension ResourceType {
    fileprivate var unit: String {
        switch self {
        case .gpu: "devices"
        case .cpu: "millicores"
        case .memory: "MiB"
        }
    }
}

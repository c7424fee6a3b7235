import Domain

extension ResourceClaim {
    /// What the instance needs; nil if its revision is not in the record.
    init?(of instance: ModelServiceInstance, in service: ModelService) {
        guard let configuration = service.revision(instance.revision)?.configuration else { return nil }
        let replicas = Int64(configuration.runtime.keepsReplicasInside ? configuration.replicas : 1)
        self.init(
            serviceID: service.id, instanceID: instance.id, requirements: configuration.requirements.times(replicas),
            pools: configuration.pools, placement: configuration.placement)
    }
}

extension ResourceRequirements {
    fileprivate func times(_ count: Int64) -> Self {
        Self(
            gpuDevices: gpuDevices * count, cpuMillicores: cpuMillicores * count,
            memoryMebibytes: memoryMebibytes * count)
    }
}

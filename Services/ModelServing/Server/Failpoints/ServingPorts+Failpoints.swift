extension ServingPorts {
    /// The same ports, in debug builds with failpoints around each effect if a test asks for them.
    func withFailpoints() -> ServingPorts {
        #if DEBUG
            guard Failpoint.areInUse else { return self }
            return ServingPorts(
                repository: FailpointModelServiceRepository(repository: repository),
                catalog: FailpointModelCatalog(catalog: catalog), claims: FailpointResourceClaims(claims: claims),
                runtimes: runtimes.map { FailpointRuntime(runtime: $0) })
        #else
            return self
        #endif
    }
}

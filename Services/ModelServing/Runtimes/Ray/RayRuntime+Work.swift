import HTTP
import Domain
import ModelFiles
import ModelServingCore
import Observability

/// What goes on between calls.
extension RayRuntime {
    /// Brings an instance to where Serve knows of it: the model file first, then the declaration.
    func prepare(_ deployment: Deployment) {
        let instance = deployment.instanceID
        let (givenUp, giveUp) = AsyncStream<Void>.makeStream()
        let configuration = configuration(deployment)
        preparations[instance] = Preparation(
            message: configuration.needsModelFile ? "fetching the model file" : "waiting for Ray Serve", giveUp: giveUp)
        let files = files
        jobSink.yield {
            let fetched = await modelPath(deployment.model, configuration.needsModelFile ? files : nil, givenUp)
            await self.declare(deployment, fetched)
        }
        logger.info(
            "an application is being brought up",
            [
                "service_id": deployment.serviceID.description, "instance_id": instance.description,
                "application": configuration.name.description,
            ])
    }

    /// - Parameter fetched: where the model file is; nil if the preparation was given up.
    private func declare(_ deployment: Deployment, _ fetched: Result<String?, Failure>?) async {
        let instance = deployment.instanceID
        defer { changedSink.yield(deployment.serviceID) }
        guard let fetched, preparations[instance]?.isGivenUp == false else {
            preparations[instance] = nil
            return
        }
        do throws(Failure) {
            let path = try fetched.get()
            preparations[instance]?.message = "declaring the application to Ray Serve"
            let configuration = configuration(deployment)
            let main = configuration.mainDeployment ?? ingresses[deployment.codeKey]
            // From here on it is not given up any more: who breaks off a write does not know what comes of it.
            do throws(ServeError) {
                try await book.write(
                    configuration.name.description, .declare(configuration.value(modelPath: path, main: main)))
            } catch {
                throw error.failure
            }
            preparations[instance] = nil
        } catch {
            guard preparations[instance]?.isGivenUp == false, error.reason != .runtimeUnreachable else {
                // It is begun again as soon as Ray answers.
                preparations[instance] = nil
                return
            }
            preparations[instance]?.failure = error
        }
    }

    func giveUpPreparing(_ instance: ModelServiceInstanceID) {
        guard let preparation = preparations[instance] else { return }
        preparations[instance]?.isGivenUp = true
        preparation.giveUp.finish()
        // Its job has ended.
        if preparation.failure != nil { preparations[instance] = nil }
    }

    func isBusy(_ instance: ModelServiceInstanceID) -> Bool {
        busy.contains { ApplicationName.instance(of: $0) == instance }
    }

    func withdraw(_ name: String) {
        write(name, .withdraw)
        logger.info("an application is being taken down", ["application": name])
    }

    /// Writes in the background; what does not succeed is begun again by whoever looks next.
    private func write(_ name: String, _ edit: ServeBook.Edit) {
        guard busy.insert(name).inserted else { return }
        jobSink.yield {
            do throws(ServeError) {
                try await self.book.write(name, edit)
            } catch {
                self.logger.warning(
                    "Ray Serve could not be written to", ["application": name, "reason": error.message])
            }
            await self.ended(name)
        }
    }

    private func ended(_ name: String) { busy.remove(name) }

    func watch(_ deployment: Deployment, _ handle: RayHandle) {
        let known = watched[deployment.instanceID]
        watched[deployment.instanceID] = Watched(
            deployment: deployment, handle: handle, told: known?.told, awaySince: known?.awaySince)
    }

    /// Ray does not answer.
    func noteAbsence() {
        let now = time()
        for instance in watched.keys where watched[instance]?.awaySince == nil { watched[instance]?.awaySince = now }
    }

    /// The time for which Ray was away is not the instance's: its deadlines move by as much.
    func handleAfterAbsence(_ handle: RayHandle, _ deployment: Deployment) -> RayHandle {
        guard let since = watched[deployment.instanceID]?.awaySince else { return handle }
        watched[deployment.instanceID]?.awaySince = nil
        var handle = handle
        let absence = time() - since
        handle.startedAt = handle.startedAt + absence
        handle.unreadySince = handle.unreadySince.map { $0 + absence }
        return handle
    }

    func tell(_ observation: Observation, _ deployment: Deployment) -> Observation {
        watched[deployment.instanceID]?.told = observation
        return observation
    }

    func observation(of deployment: Deployment, _ handle: RayHandle, in state: ServeState) -> Observation {
        let configuration = configuration(deployment)
        let name = configuration.name
        let application = state[name.description].flatMap { application in
            application.condition == .leaving || isOurs(application) ? application : nil
        }
        if let application { complete(application, deployment) }
        let observer = ApplicationObservation(
            deployment: deployment, url: settings.proxy.description + name.routePrefix,
            main: configuration.mainDeployment)
        return observer.observation(of: application, handle, now: time())
    }

    /// Says how many replicas there should be, and what each takes, as soon as Serve tells of which deployment.
    private func complete(_ application: ServeApplication, _ deployment: Deployment) {
        guard application.condition != .leaving, let ingress = application.ingress else { return }
        let key = deployment.codeKey
        if application.condition == .failed {
            // The code may have changed since it was remembered.
            ingresses[key] = nil
            return
        }
        if ingresses.count < Self.maximumIngresses { ingresses[key] = ingress }
        guard let declared = application.declared, !ApplicationConfiguration.isComplete(declared) else { return }
        write(application.name, .declare(configuration(deployment).completed(declared, main: ingress)))
    }

    /// Says which services to look at, because something about them changed.
    func watch() async {
        while !Task.isCancelled {
            do { try await Task.sleep(for: settings.interval) } catch { return }
            guard !watched.isEmpty else { continue }
            guard let state = try? await book.state(notOlderThan: settings.interval / 2) else {
                noteAbsence()
                continue
            }
            for (instance, watched) in watched where preparations[instance] == nil {
                // Whoever looks at it then moves its deadlines.
                guard watched.awaySince == nil else {
                    changedSink.yield(watched.deployment.serviceID)
                    continue
                }
                guard let told = watched.told else { continue }
                let handle = RayHandle(told.handle) ?? watched.handle
                if observation(of: watched.deployment, handle, in: state) != told {
                    changedSink.yield(watched.deployment.serviceID)
                }
            }
        }
    }
}

extension Deployment {
    /// The code that its application comes from.
    fileprivate var codeKey: String { "\(options.importPath ?? "") \(options.workingDirectory ?? "")" }
}

/// Where the model's file is, or why it is nowhere; nil if that was given up.
private func modelPath(
    _ model: ResolvedModel, _ files: ModelFileCache?, _ givenUp: AsyncStream<Void>
) async -> Result<String?, Failure>? {
    guard let files else { return .success(nil) }
    return await withTaskGroup(of: Result<String?, Failure>?.self) { group in
        group.addTask {
            do throws(Failure) {
                return .success(try await files.files(of: model).path)
            } catch {
                return .failure(error)
            }
        }
        group.addTask {
            for await _ in givenUp {}
            return nil
        }
        let first = await group.next() ?? nil
        group.cancelAll()
        return first
    }
}

import Domain
import ModelServingCore
import Observability
import RuntimeConformance
import Subprocess
import Testing

@testable import ProcessRuntime

/// Several processes of ours run engines on the same machine, of one installation or of two.
@Suite(.timeLimit(.minutes(5)))
struct SharedMachineTests {
    let suite = RuntimeConformance.comesUpAndGoesDown

    @Test func leaveOneEngineWhenTwoStartItAtTheSameTime() async throws {
        let world = try EngineWorld()
        let (first, second) = (world.runtime(), world.runtime())
        for _ in 0..<5 {
            let deployment = try await world.deployment(.healthy)
            async let one = first.deploy(deployment)
            async let other = second.deploy(deployment)
            let handles = try await [one, other]
            // They may not see each other at once; then the younger engine yields a little later.
            var seen = try await suite.untilReady(deployment, handles[0], first)
            var alsoSeen = try await suite.untilReady(deployment, handles[1], second)
            while seen != alsoSeen || world.marker.engines(of: deployment.instanceID).count > 1 {
                try await Task.sleep(for: .milliseconds(20))
                seen = try await suite.untilReady(deployment, seen.handle, first)
                alsoSeen = try await suite.untilReady(deployment, alsoSeen.handle, second)
            }
            try await suite.remove(deployment.instanceID, seen.handle, first)
            try await suite.remove(deployment.instanceID, seen.handle, second)
            #expect(await !world.hasLeftovers(of: deployment.instanceID))
        }
        await world.crash(first)
        await world.crash(second)
    }

    @Test func handOverAnEngineWithoutDisturbingIt() async throws {
        let world = try EngineWorld()
        let (first, second) = (world.runtime(), world.runtime())
        let goes = try await world.deployment(.healthy)
        let stays = try await world.deployment(.healthy)
        let handle = try await suite.untilReady(goes, try await first.deploy(goes), first).handle
        let kept = try await suite.untilReady(stays, try await first.deploy(stays), first).handle
        await first.letGo { $0 == goes.serviceID }
        #expect(try await second.recover(goes, handle).state == .ready)
        #expect(await world.starts(of: goes.instanceID) == 1)

        // Each sees the end of its own.
        try await world.killEngine(of: stays.instanceID)
        _ = try await suite.untilFailed(stays, kept, first)
        try await world.killEngine(of: goes.instanceID)
        _ = try await suite.untilFailed(goes, handle, second)
        try await suite.remove(goes.instanceID, handle, second)
        try await suite.remove(stays.instanceID, kept, first)
        await world.crash(first)
        await world.crash(second)
    }

    @Test func giveUpAStartThatIsLetGoOf() async throws {
        let world = try EngineWorld()
        let (first, second) = (world.runtime(), world.runtime())
        for pause in [0, 1, 3, 6, 10, 20] {
            let deployment = try await world.deployment(.healthy)
            _ = try await first.deploy(deployment)
            try await Task.sleep(for: .milliseconds(pause))
            await first.letGo { _ in true }
            let again = try await second.deploy(deployment)
            let ready = try await suite.untilReady(deployment, again, second)
            // The first may have been about to start it, and then ends what it started.
            while world.marker.engines(of: deployment.instanceID).count > 1 { await Task.yield() }
            #expect(try await second.observe(deployment, ready.handle).state == .ready)
            try await suite.remove(deployment.instanceID, ready.handle, second)
            #expect(await !world.hasLeftovers(of: deployment.instanceID))
        }
        await world.crash(first)
        await world.crash(second)
    }

    /// Whoever takes an instance down, is held up, and goes on after another has started it anew, ends only what it
    /// meant.
    @Test func endOnlyWhatWasThereWhenTheRemovalBegan() async throws {
        let world = try EngineWorld()
        let (first, second) = (world.runtime(), world.runtime())
        let deployment = try await world.deployment(.healthy)
        let handle = try await suite.untilReady(deployment, try await first.deploy(deployment), first).handle
        let removal = EngineRemoval(of: deployment.instanceID, leader: nil, marker: world.marker)
        await first.letGo { _ in true }
        try await suite.remove(deployment.instanceID, handle, second)
        let again = try await suite.untilReady(deployment, try await second.deploy(deployment), second)
        #expect(again.handle != handle)
        #expect(await removal.run(grace: .seconds(2)))
        #expect(world.marker.engines(of: deployment.instanceID).count == 1)
        #expect(await world.hasLeftovers(of: deployment.instanceID), "its working directory is there too")
        try await suite.remove(deployment.instanceID, again.handle, second)
        await world.crash(first)
        await world.crash(second)
    }

    @Test func listWhatRunsOfTheirOwnInstallationOnly() async throws {
        let (world, other) = (try EngineWorld(), try EngineWorld())
        let (here, there) = (world.runtime(), other.runtime())
        let deployment = try await world.deployment(.healthy)
        let ready = try await suite.untilReady(deployment, try await here.deploy(deployment), here)
        #expect(await here.deployed().map(\.instanceID) == [deployment.instanceID])
        #expect(await there.deployed().isEmpty)
        let since = try #require(await here.deployed().first).since
        let age = SystemClock.now() - since
        #expect(age >= .zero && age < .seconds(120), "\(age)")
        // The other one has never heard of it, and must not think that it has.
        try await suite.remove(deployment.instanceID, nil, there)
        #expect(try await here.observe(deployment, ready.handle).state == .ready)
        try await suite.remove(deployment.instanceID, ready.handle, here)
        #expect(await here.deployed().isEmpty)
        await world.crash(here)
        await other.crash(there)
    }
}

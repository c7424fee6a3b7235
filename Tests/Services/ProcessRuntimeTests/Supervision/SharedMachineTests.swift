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

    @Test func leaveOneEngineWhenTwoStartItAtTheSameTime() async throws {
        let world = try EngineWorld()
        let (first, second) = (world.runtime(), world.runtime())
        for _ in 0..<5 {
            let deployment = try await world.deployment(.healthy)
            async let one = first.deploy(deployment)
            async let other = second.deploy(deployment)
            let handles = try await [one, other]
            // They may not see each other at once; then the younger engine yields a little later.
            var seen = try await first.untilReady(deployment, handles[0])
            var alsoSeen = try await second.untilReady(deployment, handles[1])
            while seen != alsoSeen || world.marker.engines(of: deployment.instanceID).count > 1 {
                try await Task.sleep(for: .milliseconds(20))
                seen = try await first.untilReady(deployment, seen.handle)
                alsoSeen = try await second.untilReady(deployment, alsoSeen.handle)
            }
            try await first.untilGone(deployment.instanceID, seen.handle)
            try await second.untilGone(deployment.instanceID, seen.handle)
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
        let handle = try await first.untilReady(goes, try await first.deploy(goes)).handle
        let kept = try await first.untilReady(stays, try await first.deploy(stays)).handle
        await first.letGo { $0 == goes.serviceID }
        #expect(try await second.recover(goes, handle).state == .ready)
        #expect(await world.starts(of: goes.instanceID) == 1)

        // Each sees the end of its own.
        try await world.killEngine(of: stays.instanceID)
        _ = try await first.untilFailed(stays, kept)
        try await world.killEngine(of: goes.instanceID)
        _ = try await second.untilFailed(goes, handle)
        try await second.untilGone(goes.instanceID, handle)
        try await first.untilGone(stays.instanceID, kept)
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
            let ready = try await second.untilReady(deployment, again)
            // The first may have been about to start it, and then ends what it started.
            while world.marker.engines(of: deployment.instanceID).count > 1 { await Task.yield() }
            #expect(try await second.observe(deployment, ready.handle).state == .ready)
            try await second.untilGone(deployment.instanceID, ready.handle)
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
        let handle = try await first.untilReady(deployment, try await first.deploy(deployment)).handle
        let removal = EngineRemoval(of: deployment.instanceID, leader: nil, marker: world.marker)
        await first.letGo { _ in true }
        try await second.untilGone(deployment.instanceID, handle)
        let again = try await second.untilReady(deployment, try await second.deploy(deployment))
        #expect(again.handle != handle)
        #expect(await removal.run(grace: .seconds(2)))
        #expect(world.marker.engines(of: deployment.instanceID).count == 1)
        #expect(await world.hasLeftovers(of: deployment.instanceID), "its working directory is there too")
        try await second.untilGone(deployment.instanceID, again.handle)
        await world.crash(first)
        await world.crash(second)
    }

    @Test func listWhatRunsOfTheirOwnInstallationOnly() async throws {
        let (world, other) = (try EngineWorld(), try EngineWorld())
        let (here, there) = (world.runtime(), other.runtime())
        let deployment = try await world.deployment(.healthy)
        let ready = try await here.untilReady(deployment, try await here.deploy(deployment))
        #expect(await here.deployed().map(\.instanceID) == [deployment.instanceID])
        #expect(await there.deployed().isEmpty)
        let since = try #require(await here.deployed().first).since
        let age = SystemClock.now() - since
        #expect(age >= .zero && age < .seconds(120), "\(age)")
        // The other one has never heard of it, and must not think that it has.
        try await there.untilGone(deployment.instanceID, nil)
        #expect(try await here.observe(deployment, ready.handle).state == .ready)
        try await here.untilGone(deployment.instanceID, ready.handle)
        #expect(await here.deployed().isEmpty)
        await world.crash(here)
        await other.crash(there)
    }
}

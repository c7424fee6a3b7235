import Domain
import Testing

struct CallerRightsTests {
    /// Bob may get everything, and what he owns he may update.
    private let bob = CallerRights(of: "bob") { action, _ in
        ["model:get", "model:update_own"].contains(action) ? .allowed : .unsaid
    }

    @Test func ownersMayWhatOthersMayNot() {
        #expect(bob.may("model:get", "models/1"))
        #expect(bob.may("model:get", "models/1", ownedBy: "alice"))
        #expect(!bob.may("model:update", "models/1", ownedBy: "alice"))
        #expect(bob.may("model:update", "models/1", ownedBy: "bob"))
        #expect(!bob.may("model:update", "models/1"))
        #expect(!bob.may("model:delete", "models/1", ownedBy: "bob"))
    }

    @Test func ownersMayNotWhatIsDenied() {
        let denied = CallerRights(of: "bob") { action, _ in action.hasSuffix("_own") ? .allowed : .denied }
        #expect(!denied.may("model:get", "models/1", ownedBy: "bob"))
        #expect(denied.may("model:get_own", "models/1"))
    }

    @Test func nobodyOwnsWhatHasNoOwner() {
        #expect(!CallerRights.none.owns(""))
        #expect(!CallerRights.none.may("model:get", "models/1", ownedBy: ""))
    }

    /// `é` is one scalar here and two there; Swift's strings think them equal.
    @Test func whatLooksAlikeIsNotTheSame() {
        let rights = CallerRights(of: "ren\u{E9}") { action, _ in action.hasSuffix("_own") ? .allowed : .unsaid }
        #expect(rights.owns("ren\u{E9}"))
        #expect(!rights.owns("rene\u{301}"))
        #expect(!rights.owns("Ren\u{E9}"))
    }

    @Test func givesThingsAwayOnlyIfItMay() throws {
        try bob.checkOwner("alice", insteadOf: "alice", "model:assign_owner", "models/1")
        #expect(throws: ServiceError.permissionDenied("bob has no permission model:assign_owner.")) {
            try bob.checkOwner("bob", insteadOf: "alice", "model:assign_owner", "models/1")
        }
        let manager = CallerRights(of: "carol") { action, object in
            action == "model:assign_owner" && object == "models/1" ? .allowed : .unsaid
        }
        try manager.checkOwner("bob", insteadOf: "alice", "model:assign_owner", "models/1")
        #expect(throws: ServiceError.self) {
            try manager.checkOwner("bob", insteadOf: "alice", "model:assign_owner", "models/2")
        }
    }
}

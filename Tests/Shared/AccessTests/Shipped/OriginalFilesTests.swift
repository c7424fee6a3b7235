import Access
import Authorization
import Domain
import TestSupport
import Testing

/// The files of the first design load as they are, and decide as Casbin does: which is not what they were meant to.
@Suite struct OriginalFilesTests {
    let files: AccessFiles
    let book: AccessBook

    init() throws {
        files = try ShippedAccess.files("config/original")
        book = try AccessBook(files)
    }

    @Test(
        arguments: [
            ("admin", "model_services/1", "model_service:get", false),
            // A star is only a star.
            ("admin", "*", "*", false),
            ("admin", "*", "*  # Admin has full access", true),
            ("alice", "model_services/1", "model_service:get", false),
            ("alice", "model_services/{instance_id}", "model_service:get", true),
            ("model-service-owner", "model_services/{instance_id}", "model_service:get", true),
            ("alice", "model_services/{instance_id}", "model_service:delete", false),
            ("bob", "model_services/{instance_id}", "model_service:get", false),
        ])
    func decidesToTheLetter(subject: String, object: String, action: String, isAllowed: Bool) {
        #expect(book.isAllowed(Principal(subject: subject), object, action) == isAllowed)
    }

    @Test func theCommentBehindThePolicyIsPartOfIt() {
        #expect(files.rules.map(\.description).first == #"p, admin, *, "*  # Admin has full access", allow"#)
    }

    @Test func nothingCanBeDenied() {
        let rule = AccessRule(
            .policy(PolicyEntry(subject: "alice", object: "*", action: "*", effect: .deny)),
            id: UUIDv7(high: 0x0192_0000_0000_7000, low: 0x8000_0000_0000_0001),
            createdAt: Timestamp(millisecondsSinceEpoch: 0), createdBy: "admin")
        #expect(throws: ServiceError.self) { try AccessBook(files, StoredRules(version: 1, rules: [rule])) }
    }
}

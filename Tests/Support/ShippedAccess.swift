import Access
import ControlPlane
import Domain
import Foundation
import Persistence

/// The access rules that Slipway brings along.
package enum ShippedAccess {
    /// - Parameter folder: from the repository's root.
    package static func files(_ folder: String = "config") throws -> AccessFiles {
        try AccessFiles(model: text("\(folder)/access_model.conf"), policy: text("\(folder)/access_policy.csv"))
    }

    /// Decides by them from the start, and keeps what is added.
    package static func authority(
        _ files: AccessFiles? = nil, store: (any AccessRuleStore)? = nil
    ) throws -> AccessAuthority {
        let files = try files ?? self.files()
        let time = ManualTime()
        let memory = DaprAccessRuleStore(RecordStore(InMemoryStateStore(now: { time.now })))
        return AccessAuthority(
            files, store: store ?? memory, book: try AccessBook(files), now: { time.now })
    }

    package static func text(_ path: String) throws -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }
}

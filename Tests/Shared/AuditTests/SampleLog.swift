import Audit
import Domain
import Foundation
import JSON
import Testing

/// An audit log in a folder that goes with it.
final class SampleLog {
    let folder: String

    init() {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("audit-\(UUID())").path + "/models"
    }

    deinit { try? FileManager.default.removeItem(atPath: (folder as NSString).deletingLastPathComponent) }

    func open(limitBytes: Int = AuditLimits.fileBytes) throws -> AuditLog {
        try AuditLog(in: folder, limitBytes: limitBytes) { Timestamp(millisecondsSinceEpoch: 1_795_248_000_000) }
    }

    /// Writes `count` changes with their outcomes and lets the log go again.
    func fill(_ count: Int, limitBytes: Int = AuditLimits.fileBytes) throws {
        let log = try open(limitBytes: limitBytes)
        for number in 0..<count {
            let request = Self.request("models/\(number)")
            let change = try log.append(.change(request))
            try log.append(.outcome(of: change, request, status: 200, created: nil, detail: nil))
        }
    }

    static func request(_ object: String = "models/1") -> AuditedRequest {
        var request = AuditedRequest()
        request.subject = "alice"
        request.credential = "jwt"
        request.action = "model:update"
        request.object = object
        request.method = "PUT"
        request.rule = "p, role:model-editor, models/*, model:update, allow"
        return request
    }

    var files: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".jsonl") }.sorted()
                .map { "\(folder)/\($0)" }
        }
    }

    /// Of the first file, with their line feeds.
    var lines: [Data] {
        get throws {
            let data = try Data(contentsOf: URL(fileURLWithPath: try #require(files.first)))
            return data.split(separator: 0x0A).map { $0 + [0x0A] }
        }
    }

    func write(_ lines: [Data]) throws {
        try Data(lines.joined()).write(to: URL(fileURLWithPath: try #require(files.first)))
    }

    var report: AuditReport { AuditVerification.report(onFolder: folder) }

    var reasons: [String] { report.findings.map { "\($0.line.map(String.init) ?? "-"): \($0.reason)" } }

    func json(_ line: Int) throws -> JSONValue {
        let lines = try lines
        return try JSONParser.parse(Array(lines[line].dropLast()))
    }
}

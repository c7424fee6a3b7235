import JSON

/// The rules that a real server has for names and labels.
package enum NameRules {
    /// RFC 1123: what most names must be.
    package static func isSubdomain(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 253
            && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { isLabel(String($0)) }
    }

    /// RFC 1123 too.
    package static func isLabel(_ text: String) -> Bool {
        text.utf8.count <= 63 && text.wholeMatch(of: /[a-z0-9]([a-z0-9-]*[a-z0-9])?/) != nil
    }

    /// RFC 1035: what Services need.
    package static func isDNS1035(_ text: String) -> Bool {
        text.utf8.count <= 63 && text.wholeMatch(of: /[a-z]([a-z0-9-]*[a-z0-9])?/) != nil
    }

    package static func isLabelValue(_ text: String) -> Bool {
        text.utf8.count <= 63 && text.wholeMatch(of: /([A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?)?/) != nil
    }

    package static func isQualifiedName(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard let name = parts.last, parts.count <= 2, !name.isEmpty, isLabelValue(name) else { return false }
        return parts.count == 1 || isSubdomain(parts[0])
    }

    package static func isQuantity(_ text: String) -> Bool {
        text.wholeMatch(of: /[0-9]+(\.[0-9]+)?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?/) != nil
    }

    static func problem(in object: JSONValue, name: String) -> (field: String, message: String)? {
        let isService = object["kind"]?.stringValue == "Service"
        guard isService ? isDNS1035(name) : isSubdomain(name) else {
            return ("metadata.name", "metadata.name: Invalid value: \"\(name)\"")
        }
        for (label, value) in object["metadata"]?["labels"]?.objectValue?.members ?? [] {
            guard isQualifiedName(label), isLabelValue(value.stringValue ?? "?!") else {
                return ("metadata.labels", "metadata.labels: Invalid value: \"\(label)\"")
            }
        }
        return nil
    }
}

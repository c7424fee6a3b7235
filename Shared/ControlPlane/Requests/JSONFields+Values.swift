import Domain
import HTTP
import JSON

extension JSONFields {
    /// Text of which `parse` makes a value; nil if it is absent, or after a problem has been noted.
    /// - Parameter rule: the end of a sentence that begins with the field's name, for text that `parse` refuses.
    public func optionalValue<Value>(
        _ name: String, maximumLength: Int, _ rule: String, _ parse: (String) -> Value?
    ) -> Value? {
        guard let text = optionalString(name, maximumLength: maximumLength) else { return nil }
        let value = parse(text)
        if value == nil { reject(name, rule) }
        return value
    }

    /// The same for text that must be there; nil after a problem has been noted.
    public func value<Value>(
        _ name: String, maximumLength: Int, _ rule: String, _ parse: (String) -> Value?
    ) -> Value? {
        guard optional(name) != nil else {
            reject(name, "is required")
            return nil
        }
        return optionalValue(name, maximumLength: maximumLength, rule, parse)
    }

    /// Text that is not empty, if it is there.
    public func optionalText(_ name: String, maximumLength: Int) -> String? {
        optionalValue(name, maximumLength: maximumLength, "must not be empty") { $0.isEmpty ? nil : $0 }
    }

    public func entityName(_ name: String) -> EntityName? {
        value(name, maximumLength: EntityName.maximumLength, EntityName.rule) { EntityName($0) }
    }

    public func identifier<Kind>(_ name: String, _ kind: Kind.Type = Kind.self) -> Identifier<Kind>? {
        value(name, maximumLength: 36, "must be a UUID") { Identifier<Kind>($0) }
    }

    /// Whom something belongs to: one subject, and not many.
    public func ownerID() -> String? {
        let rule = "\(SubjectName.rule), and be no group or role"
        return optionalValue("owner_id", maximumLength: SubjectName.maximumBytes, rule) { text in
            guard let name = SubjectName(text) else { return nil }
            return switch name.kind {
            case .admin, .user, .app: name.description
            case .group, .role: nil
            }
        }
    }

    /// Labels by their names; nil if the field is absent.
    public func optionalLabels(_ name: String) -> [String: String]? {
        let labels = optionalStrings(
            name, maximumCount: LabelRules.maximumCount, maximumLength: LabelRules.maximumValueBytes)
        for label in (labels ?? [:]).keys.sorted() where !LabelRules.isName(label) {
            reject(
                name,
                "the name \"\(label.prefix(32))\" must be 1 to \(LabelRules.maximumNameBytes) "
                    + "letters, digits, '.', '_', '-' or '/'")
        }
        return labels
    }

    /// `validate()`, and then the values that were required: none of them is nil once no problem was noted.
    public func validated<each Value>(
        _ values: repeat (each Value)?
    ) throws(ServiceError) -> (repeat each Value) {
        try validate()
        func present<One>(_ value: One?) throws(ServiceError) -> One {
            guard let value else { throw .internalFault(detail: "a required field was lost without a problem") }
            return value
        }
        return (repeat try present(each values))
    }
}

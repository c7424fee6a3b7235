/// Who has a name.
public struct NameRecord: StateRecord, Hashable {
    public let id: String

    public init(id: String) { self.id = id }
}

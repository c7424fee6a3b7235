/// The identity of one kind of thing: a UUIDv7, so that ids sort by creation time.
///
/// `Kind` is never instantiated; it only keeps ids of different things apart at compile time.
public struct Identifier<Kind>: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let uuid: UUIDv7

    public init(_ uuid: UUIDv7) {
        self.uuid = uuid
    }

    /// Parses the canonical form (36 characters, lower or upper case). Any UUID version is accepted, since ids
    /// of other systems may be stored under ours. Returns nil for anything else.
    public init?(_ text: some StringProtocol) {
        guard let uuid = UUIDv7(text) else { return nil }
        self.uuid = uuid
    }

    public var description: String { uuid.description }

    public static func < (left: Self, right: Self) -> Bool { left.uuid < right.uuid }
}

extension Identifier: Codable {
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let value = Self(text) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "not a UUID: \(text.prefix(64))"))
        }
        self = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

public enum ModelKind {}
public enum ResourcePoolKind {}
public enum ResourceAllocationKind {}
public enum ModelServiceKind {}
public enum ModelServiceInstanceKind {}
public enum EndpointTokenKind {}

public typealias ModelID = Identifier<ModelKind>
public typealias ResourcePoolID = Identifier<ResourcePoolKind>
public typealias ResourceAllocationID = Identifier<ResourceAllocationKind>
public typealias ModelServiceID = Identifier<ModelServiceKind>
public typealias ModelServiceInstanceID = Identifier<ModelServiceInstanceKind>
public typealias EndpointTokenID = Identifier<EndpointTokenKind>

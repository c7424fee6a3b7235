import Domain
import HTTP

/// What a request is about, as rules name it: `models`, `models/0192…`.
///
/// It is the path as far as the route's permission speaks of it: `model_service:get` is about `model_services/0192…`,
/// also where the path goes on to its events. Where the permission names no part of the path it is the whole path.
struct AccessObject: Hashable, Sendable {
    /// Without a slash at its beginning.
    let text: String
    /// `models`, if it is one thing of that collection and not a part of one.
    let collection: String?
    /// Of that thing.
    let id: String?

    private init(collection: String, id: String) {
        text = "\(collection)/\(id)"
        self.collection = collection
        self.id = id
    }

    /// - Parameter parameters: what the request has in the place of the pattern's.
    init(_ pattern: PathPattern, _ parameters: PathParameters, permission: String) {
        var segments: [(text: String, isParameter: Bool)] = []
        for segment in pattern.description.split(separator: "/") {
            if segment.hasPrefix("{"), segment.hasSuffix("}") {
                segments.append((Self.canonical(parameters[String(segment.dropFirst().dropLast())]), true))
            } else {
                // Without the verb: `model_services:validate` is about the model services.
                segments.append((String(segment.prefix { $0 != ":" }), false))
            }
        }
        let named = permission.prefix { $0 != ":" } + "s"
        if let place = segments.firstIndex(where: { !$0.isParameter && $0.text == named }) {
            let isThing = segments.dropFirst(place + 1).first?.isParameter == true
            segments.removeLast(segments.count - place - (isThing ? 2 : 1))
        }
        text = segments.map(\.text).joined(separator: "/")
        let isThing = segments.count == 2 && segments[1].isParameter
        collection = isThing ? segments[0].text : nil
        id = isThing ? segments[1].text : nil
    }

    /// The same thing by another id.
    func renamed(_ id: String) -> AccessObject {
        collection.map { AccessObject(collection: $0, id: id) } ?? self
    }

    /// One writing for each id, which may come in upper case; and a slash inside of a segment separates nothing.
    private static func canonical(_ value: String) -> String {
        UUIDv7(value)?.description ?? value.replacing("/", with: "%2F")
    }
}

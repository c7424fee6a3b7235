import JSON

/// Reads YAML 1.2 in its core schema as JSON values.
///
/// It is made for configuration that strangers may have written: no aliases (and so no text that grows when it is
/// read), no tags but `!!str`, no duplicate keys, no merge keys, and limits on size and depth.
public enum YAMLParser {
    public static let maximumBytes = 1 << 20
    /// Mappings and sequences inside each other.
    public static let maximumDepth = 64
    public static let maximumDocuments = 256

    /// The only document of `text`; null if it holds nothing but comments.
    public static func parse(_ text: String) throws(YAMLError) -> JSONValue {
        var composer = try composer(text)
        let value = try composer.document() ?? .null
        guard try composer.document() == nil else {
            throw YAMLError(message: "there is more than one document", line: 1, column: 1)
        }
        return value
    }

    /// Every document of `text` in order; one that is empty between its markers is null.
    public static func parseDocuments(_ text: String) throws(YAMLError) -> [JSONValue] {
        var composer = try composer(text)
        var documents: [JSONValue] = []
        while let document = try composer.document() {
            guard documents.count < maximumDocuments else {
                throw YAMLError(message: "there are more than \(maximumDocuments) documents", line: 1, column: 1)
            }
            documents.append(document)
        }
        return documents
    }

    private static func composer(_ text: String) throws(YAMLError) -> YAMLComposer {
        guard text.utf8.count <= maximumBytes else {
            throw YAMLError(message: "the text is longer than \(maximumBytes) bytes", line: 1, column: 1)
        }
        return YAMLComposer(text)
    }
}

import JSON

/// An input of a model, as its metadata tells of it, and values that fit.
struct TensorDescription: Hashable, Sendable {
    let name: String
    let datatype: String
    /// An unknown dimension is taken for 1.
    let shape: [Int64]

    /// Elements of one input that are made up; for more the check is passed over.
    static let maximumElements: Int64 = 1 << 20

    /// Nil if it is not a list of descriptions.
    static func all(_ value: JSONValue?) -> [TensorDescription]? {
        guard let elements = value?.arrayValue else { return nil }
        let described = elements.compactMap { element -> TensorDescription? in
            guard let name = element["name"]?.stringValue, let datatype = element["datatype"]?.stringValue,
                let shape = element["shape"]?.arrayValue
            else { return nil }
            return TensorDescription(
                name: name, datatype: datatype, shape: shape.compactMap(\.integerValue).map { max(1, $0) })
        }
        return described.count == elements.count ? described : nil
    }

    /// Whether values can be made up.
    var isKnown: Bool { elementBytes != nil && elements > 0 }

    /// 0 beyond the limit.
    private var elements: Int64 {
        var product: Int64 = 1
        for dimension in shape {
            guard dimension <= Self.maximumElements / product else { return 0 }
            product *= dimension
        }
        return product
    }

    private var elementBytes: Int? {
        switch datatype {
        case "BOOL", "INT8", "UINT8": 1
        case "INT16", "UINT16", "FP16", "BF16": 2
        case "INT32", "UINT32", "FP32": 4
        case "INT64", "UINT64", "FP64": 8
        // A length of four bytes, and nothing.
        case "BYTES": 4
        default: nil
        }
    }

    private var head: JSONObject {
        JSONObject([
            ("name", .string(name)), ("shape", .array(shape.map { .integer($0) })), ("datatype", .string(datatype)),
        ])
    }

    var zeros: JSONValue {
        var object = head
        let zero: JSONValue =
            switch datatype {
            case "BOOL": .bool(false)
            case "BYTES": .string("")
            case "FP16", "BF16", "FP32", "FP64": .number(0)
            default: .integer(0)
            }
        object["data"] = .array(Array(repeating: zero, count: Int(elements)))
        return .object(object)
    }

    var binaryHead: JSONValue {
        var object = head
        object["parameters"] = ["binary_data_size": .integer(Int64(binaryZeros.count))]
        return .object(object)
    }

    var binaryZeros: [UInt8] { Array(repeating: 0, count: Int(elements) * (elementBytes ?? 0)) }
}

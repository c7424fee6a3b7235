/// How large a model may grow.
public enum ModelLimits {
    /// Versions of one model. Deleting it deletes them and their definitions in one transaction, which has an upper
    /// bound of 500 operations.
    public static let maximumVersions = 400
    public static let maximumAliases = 64
    public static let maximumDescriptionBytes = 4096
    /// Of the input and of the output schema, each, as compact JSON.
    public static let maximumSchemaBytes = 32 << 10
    /// Arrays and objects inside each other in a schema.
    public static let maximumSchemaDepth = 32
    public static let maximumTokenContextLimit: Int64 = 1 << 40
    public static let maximumURLBytes = 2048
    public static let maximumFormatBytes = 64
    public static let maximumDefinitionBytes = 64 << 10
    /// 8 EiB less one byte: what the number can hold.
    public static let maximumSizeBytes = Int64.max
}

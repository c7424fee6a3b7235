extension AccessFiles {
    /// `config/access_model.conf`, as it was when the program was built.
    public static let shippedModel = String(decoding: PackageResources.access_model_conf, as: UTF8.self)
    /// `config/access_policy.csv`, likewise.
    public static let shippedPolicy = String(decoding: PackageResources.access_policy_csv, as: UTF8.self)
}

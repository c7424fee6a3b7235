extension Attack {
    /// Ways to more rights.
    static let onRules: [Attack] = [
        .posting(
            "a policy for oneself", [403], as: "alice", { _ in "/policies" }, #"{"sub":"alice","obj":"*","act":"*"}"#),
        .posting(
            "a role for oneself", [403], as: "alice", { _ in "/role_bindings" },
            #"{"sub":"alice","role":"role:admin"}"#),
        .posting("a key of bob's", [403], as: "alice", { _ in "/api_keys" }, #"{"owner":"bob"}"#),
        .posting("a key of the admin's", [403], as: "alice", { _ in "/api_keys" }, #"{"owner":"admin"}"#),
        .posting("a key of a service's", [422], as: "admin", { _ in "/api_keys" }, #"{"owner":"app:model-serving"}"#),
        .posting("a model in bob's name", [403], as: "alice", { _ in "/models" }, #"{"name":"x","owner_id":"bob"}"#),
        .posting(
            "giving a model away", [403], as: "alice", method: "PUT", { "/models/\($0.hers)" },
            #"{"name":"of-alice","owner_id":"bob"}"#),
        .posting(
            "taking bob's model", [404], as: "alice", method: "PUT", { "/models/\($0.his)" },
            #"{"name":"of-bob","owner_id":"alice"}"#),
        .posting(
            "a policy of two lines", [400], as: "admin", { _ in "/policies" },
            #"{"sub":"alice\np, alice","obj":"*","act":"*"}"#),
        .posting(
            "a policy with another column", [400], as: "admin", { _ in "/policies" },
            #"{"sub":"alice","obj":"models, model:get, allow\n#","act":"model:get"}"#),
        .posting(
            "a policy whose action says more", [400], as: "admin", { _ in "/policies" },
            #"{"sub":"alice","obj":"models","act":"model:get, allow"}"#),
        .posting(
            "a policy with quotes", [400], as: "admin", { _ in "/policies" },
            #"{"sub":"alice","obj":"\"*\"","act":"*"}"#),
        .posting(
            "a policy with a pattern that takes for ever", [400], as: "admin", { _ in "/policies" },
            #"{"sub":"alice","obj":"(a+)+$","act":"*"}"#),
        .posting(
            "a policy with two subjects", [400], as: "admin", { _ in "/policies" },
            #"{"sub":"alice","sub":"mallory","obj":"*","act":"*"}"#),
        .posting(
            "a policy with another effect", [400], as: "admin", { _ in "/policies" },
            #"{"sub":"alice","obj":"*","act":"*","eft":"ALLOW"}"#),
        .posting(
            "a role that is itself", [409], as: "admin", { _ in "/role_bindings" },
            #"{"sub":"role:model-reader","role":"role:model-reader"}"#),
        .posting(
            "roles in a circle", [409], as: "admin", { _ in "/role_bindings" },
            #"{"sub":"role:member","role":"role:model-author"}"#),
        .posting(
            "a role that nobody made", [400], as: "admin", { _ in "/role_bindings" },
            #"{"sub":"alice","role":"role:root"}"#),
        .posting(
            "keeping everybody out", [409], as: "admin", { _ in "/policies" },
            #"{"sub":"admin","obj":"*","act":"*","eft":"deny"}"#),
        .posting("a rule of the file", [409], as: "admin", method: "DELETE", { _ in "/roles/admin" }, ""),
        .posting(
            "what others may", [403], as: "alice", { _ in "/policies:explain" }, #"{"sub":"bob","obj":"*","act":"*"}"#),
    ]
}

import TestSupport

extension Attack {
    private static let token = "dapr-api-token: \(AttackedServer.appToken)"
    private static let serving = "dapr-caller-app-id: model-serving"

    /// Requests that pretend to come from a service.
    static let onSidecars: [Attack] = [
        .reading("an app without a sidecar", [401]) { _ in [serving] },
        .reading("a sidecar without an app", [401]) { _ in [token] },
        .reading("a sidecar's token that is wrong", [401]) { _ in ["dapr-api-token: wrong", serving] },
        .reading("a sidecar's token that is empty", [401]) { _ in ["dapr-api-token:", serving] },
        .reading("a sidecar's token cut short", [401]) { _ in [String(token.dropLast()), serving] },
        .reading("a sidecar's token twice", [401]) { _ in [token, token, serving] },
        .reading("a right and a wrong token of a sidecar", [401]) { _ in [token, "Dapr-Api-Token: wrong", serving] },
        .reading("a wrong token of a sidecar beside a good one of a user", [401]) {
            ["dapr-api-token: wrong", serving, alice($0)]
        },
        .reading("two apps, the true one first", [401]) { _ in [token, "dapr-caller-app-id: other", serving] },
        .reading("two apps, the true one last", [401]) { _ in [token, serving, "Dapr-Caller-App-Id: other"] },
        .reading("the same app twice", [401]) { _ in [token, serving, serving] },
        .reading("two apps in one field", [401]) { _ in [token, "dapr-caller-app-id: other, model-serving"] },
        .reading("an app with a role's name", [401]) { _ in [token, "dapr-caller-app-id: role:admin"] },
        .reading("an app that is called admin", [403]) { _ in [token, "dapr-caller-app-id: admin"] },
        .reading("an app in other letters", [403]) { _ in [token, "dapr-caller-app-id: Model-Serving"] },
        .reading("an app in letters that look alike", [401, 400]) { _ in
            [token, "dapr-caller-app-id: m\u{43E}del-serving"]
        },
        .reading("an app with an encoded line end", [401]) { _ in [token, serving + "%0d%0aAuthorization: x"] },
        .reading("an app with a line end of its own", [400, 401]) { _ in [token, serving + "\nAuthorization: Bearer x"]
        },
        .reading("an app with a zero byte", [400]) { _ in [token, serving + "\u{0}"] },
        .reading("underscores instead of dashes", [401]) { _ in [token, "dapr_caller_app_id: model-serving"] },
        .reading("an app that may not do this", [403]) { _ in [token, "dapr-caller-app-id: inference-gateway"] },
        .reading("whom another proxy has let in", [401]) { _ in
            [
                "X-Forwarded-User: admin", "X-Remote-User: admin", "X-Forwarded-For: 127.0.0.1",
                "Forwarded: for=127.0.0.1",
            ]
        },
        .reading("an app's token as a key", [401]) { _ in ["Authorization: Bearer \(AttackedServer.appToken)"] },
        .reading("an app for which alice asks", [404]) { [token, serving, alice($0)] },
    ]
}

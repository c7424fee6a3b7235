/// The ports of the development stack.
struct DevPorts: Hashable, Sendable {
    static let defaultBase: UInt16 = 8080
    static let defaultSidecar: UInt16 = 3500

    /// The first of ten: the three services, and the gateway's two at the end.
    let base: UInt16
    /// The first of three, in the order of the services.
    let sidecar: UInt16

    var modelServing: UInt16 { base }
    var modelManagement: UInt16 { base + 1 }
    var resourceManagement: UInt16 { base + 2 }
    var gateway: UInt16 { base + 8 }
    var gatewayAdmin: UInt16 { base + 9 }

    var all: [UInt16] {
        [modelServing, modelManagement, resourceManagement, gateway, gatewayAdmin, sidecar, sidecar + 1, sidecar + 2]
    }

    func sidecar(of server: Settings.Server) -> UInt16 {
        switch server {
        case .modelServing: sidecar
        case .modelManagement: sidecar + 1
        case .resourceManagement: sidecar + 2
        case .gateway: sidecar
        }
    }

    func port(of server: Settings.Server) -> UInt16 {
        switch server {
        case .modelServing: modelServing
        case .modelManagement: modelManagement
        case .resourceManagement: resourceManagement
        case .gateway: gateway
        }
    }
}

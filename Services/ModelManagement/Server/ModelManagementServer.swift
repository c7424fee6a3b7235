import ControlPlane

@main
struct ModelManagementServer {
    static func main() {}
}

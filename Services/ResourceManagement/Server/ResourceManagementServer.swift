import ControlPlane

@main
struct ResourceManagementServer {
    static func main() {}
}

import CProcess

/// TCP ports of this machine, for processes about to be started.
public enum LocalPort {
    /// Whether a server could not listen on the port at this moment, on all addresses or on 127.0.0.1 alone.
    public static func isInUse(_ port: UInt16) -> Bool {
        cprocess_try_port(port, 1) < 0 || cprocess_try_port(port, 0) < 0
    }
}

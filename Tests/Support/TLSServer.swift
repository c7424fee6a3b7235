import Foundation
import Glibc
import HTTP

/// A Python process that serves TLS with a certificate made for it.
package final class TLSServer {
    package static let isAvailable = ["python3", "openssl"].allSatisfy { name in
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
            FileManager.default.isExecutableFile(atPath: "\($0)/\(name)")
        }
    }

    package let origin: HTTPOrigin
    package let certificateFile: String
    private let process = Process()
    private let folder: URL

    package init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        certificateFile = folder.appending(path: "certificate.pem").path
        let openssl = Process()
        openssl.executableURL = URL(filePath: "/usr/bin/env")
        openssl.arguments = [
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
            "-addext",
            "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", folder.appending(path: "key.pem").path, "-out",
            certificateFile,
        ]
        openssl.standardError = FileHandle.nullDevice
        try openssl.run()
        openssl.waitUntilExit()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-c", Self.script, folder.path]
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        // The script prints its port once it listens.
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        guard let port = UInt16(line.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw CocoaError(.fileReadUnknown)
        }
        origin = HTTPOrigin(scheme: .https, host: "127.0.0.1", port: port)
    }

    package func stop() {
        // Not SIGTERM: a process started from a worker thread inherits a mask that blocks it.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }

    private static let script = """
        import http.server, ssl, sys, threading
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def log_message(self, *a): pass
            def body(self):
                if self.headers.get("Transfer-Encoding") != "chunked":
                    return len(self.rfile.read(int(self.headers.get("Content-Length", 0))))
                total = 0
                while True:
                    size = int(self.rfile.readline(), 16)
                    self.rfile.read(size + 2)
                    if size == 0: return total
                    total += size
            def do_GET(self):
                if self.path.endswith("/early"):
                    self.send_response(200 if self.command == "HEAD" else 204)
                    return self.end_headers()
                if self.path == "/untilclose":
                    self.send_response(200)
                    self.send_header("Connection", "close")
                    self.end_headers()
                    return self.wfile.write(b"all of it")
                if self.path == "/begun":
                    self.send_response(200)
                    self.send_header("Content-Length", "10")
                    self.end_headers()
                    self.wfile.write(b"begun")
                if self.path == "/silent":
                    threading.Event().wait(20)
                count = self.body()
                answer = b"x" * 8_000_000 if self.path == "/large" else f"{self.command} {self.path} {count}".encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)
            do_POST = do_HEAD = do_GET
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[1] + "/certificate.pem", sys.argv[1] + "/key.pem")
        server.socket = context.wrap_socket(server.socket, server_side=True)
        print(server.server_address[1], flush=True)
        server.serve_forever()
        """
}

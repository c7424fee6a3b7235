import Authentication
import Domain
import Foundation
import HTTP
import InferenceGatewayCore
import JSON
import Testing

@testable import InferenceGateway

@Suite struct AdminResponderTests {
    private static let key = "admin-key-for-these-tests"

    private let freshness = RouteFreshness()
    private let gateway = GatewayFixture()
    private let responder: AdminResponder

    init() throws {
        let metrics = GatewayMetrics(
            routes: gateway.routes, refusals: gateway.refusals, freshness: freshness, usage: UsageStatus(),
            now: { GatewayFixture.now })
        responder = AdminResponder(
            key: try PresharedKey(Self.key, of: .admin), metrics: metrics, freshness: freshness,
            now: { GatewayFixture.now })
    }

    private func get(_ target: String, key: String? = nil, method: HTTPMethod = .get) async -> HTTPResponse {
        var fields = HTTPFields()
        if let key { fields.append("Authorization", "Bearer \(key)") }
        return await responder.respond(to: HTTPRequest(method, target, fields: fields))
    }

    @Test func isReadyOnceThereAreRoutesAndSaysHowOldTheyAre() async throws {
        #expect(await get("/healthz").status == .ok)
        #expect(await get("/readyz").status == .serviceUnavailable)
        freshness.set(.init(confirmedAt: GatewayFixture.now + .milliseconds(-1500), isFromModelServing: false))
        let ready = await get("/readyz")
        #expect(ready.status == .ok)
        let body = try await ready.json()
        #expect(body["ready"] == true)
        #expect(body["routes"]?["age_ms"] == 1500)
        #expect(body["routes"]?["source"] == "disk")
    }

    @Test(arguments: ["/metrics", "/openapi.json", "/docs"])
    func whatIsNotHealthNeedsTheAdminKey(path: String) async {
        #expect(await get(path).status == .unauthorized)
        #expect(await get(path, key: "another-key-of-this-length").status == .unauthorized)
        #expect(await get(path, key: Self.key).status == .ok)
    }

    @Test func showsItsDocumentWithoutScripts() async throws {
        let page = await get("/docs", key: Self.key)
        #expect(page.fields["Content-Type"] == "text/html; charset=utf-8")
        let text = try await page.text()
        #expect(text.contains("<title>InferenceGateway</title>") && text.contains("<b>POST</b> /v1/{path}"))
        #expect(!text.contains("<script") && !text.contains("http://"))
    }

    @Test func otherPathsAndMethodsAreRefused() async {
        #expect(await get("/", key: Self.key).status == .notFound)
        #expect(await get("/metrics", key: Self.key, method: .post).status == .methodNotAllowed)
    }

    @Test func metricsTellWhatWasServedAndRefused() async throws {
        _ = await gateway.send(.get, "/services/open/x")
        _ = await gateway.send(.get, "/services/closed/x")
        _ = await gateway.send(.get, "/services/nobody/x")
        freshness.set(.init(confirmedAt: GatewayFixture.now + .milliseconds(-250), isFromModelServing: true))
        let response = await get("/metrics", key: Self.key)
        #expect(response.fields["Content-Type"]?.hasPrefix("text/plain; version=0.0.4") == true)
        let lines = Set(try await response.text().split(separator: "\n").map(String.init))
        let instance = #"service="open",revision="1",instance_id="00000000-0000-0001-0000-000000000001""#
        #expect(lines.contains(#"slipway_gateway_requests_total{\#(instance),protocol="service",code="200"} 1"#))
        #expect(lines.contains(#"slipway_gateway_request_duration_seconds_bucket{\#(instance),le="+Inf"} 1"#))
        #expect(lines.contains(#"slipway_gateway_request_duration_seconds_count{\#(instance)} 1"#))
        #expect(lines.contains(#"slipway_gateway_time_to_first_token_seconds_count{\#(instance)} 0"#))
        let refused = "slipway_gateway_refusals_total"
        #expect(lines.contains(#"\#(refused){protocol="service",reason="token_missing",service="closed"} 1"#))
        #expect(lines.contains(#"\#(refused){protocol="service",reason="model_not_found",service=""} 1"#))
        #expect(lines.contains("slipway_gateway_routes 6"))
        #expect(lines.contains("slipway_gateway_routes_age_seconds 0.25"))
    }

    @Test func metricsAreStrictExpositionText() async throws {
        gateway.routes.replace(with: [GatewayFixture.entry("od\"d\\na\nme", instances: [9])])
        _ = await gateway.send(.get, "/services/od%22d%5Cna%0Ame/x")
        let text = try await get("/metrics", key: Self.key).text()
        #expect(text.contains(#"service="od\"d\\na\nme""#))
        #expect(text.hasSuffix("\n"))
        var families: [String] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            if line.hasPrefix("# HELP ") {
                families.append(String(line.split(separator: " ")[2]))
                continue
            }
            let family = try #require(families.last)
            if line.hasPrefix("# TYPE ") {
                #expect(line.split(separator: " ")[2] == family)
                continue
            }
            #expect(line.hasPrefix(family), "\(line) is not of \(family)")
            #expect(line.split(separator: " ").last.flatMap { Double(String($0)) } != nil, "\(line)")
        }
        #expect(Set(families).count == families.count)
    }
}

"""What the gateway tells Prometheus, read by Prometheus' own client."""

import sys
import unittest
import urllib.error
import urllib.request

from prometheus_client.parser import text_string_to_metric_families

from stack import ADMIN_KEY, Stack, free_port

NAMES = {
    "slipway_gateway_requests",
    "slipway_gateway_request_duration_seconds",
    "slipway_gateway_first_byte_seconds",
    "slipway_gateway_time_to_first_token_seconds",
    "slipway_gateway_queue_seconds",
    "slipway_gateway_outstanding_requests",
    "slipway_gateway_queue_length",
    "slipway_gateway_ejections",
    "slipway_gateway_prompt_tokens",
    "slipway_gateway_completion_tokens",
    "slipway_gateway_refusals",
    "slipway_gateway_routes",
}


class MetricsTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = Stack()
        cls.addClassCleanup(cls.stack.stop)
        port, _ = cls.stack.llama(sys.executable)
        cls.stack.serve("tiny-chat", port)
        cls.stack.serve("away", free_port())
        cls.stack.wait_for_routes()

    def ask(self, model):
        body = f'{{"model":"{model}","messages":[{{"role":"user","content":"hello"}}],"max_tokens":8}}'
        request = urllib.request.Request(f"{self.stack.url}/v1/chat/completions", body.encode(), method="POST")
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return response.status
        except urllib.error.HTTPError as error:
            return error.code

    def metrics(self):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.stack.admin_port}/metrics", headers={"Authorization": f"Bearer {ADMIN_KEY}"}
        )
        with urllib.request.urlopen(request, timeout=10) as response:
            families = text_string_to_metric_families(response.read().decode())
            return {family.name: family for family in families}

    def test_every_family_parses_and_counts(self):
        self.assertEqual([self.ask("tiny-chat") for _ in range(3)], [200] * 3)
        self.assertEqual(self.ask("away"), 503)
        self.assertEqual(self.ask("nobody"), 404)
        families = self.metrics()
        self.assertEqual(NAMES - set(families), set())
        served = [
            sample
            for sample in families["slipway_gateway_requests"].samples
            if sample.labels["service"] == "tiny-chat" and sample.labels["protocol"] == "openai"
        ]
        self.assertEqual([(sample.labels["code"], sample.value) for sample in served], [("200", 3)])
        self.assertEqual(served[0].labels["revision"], "1")
        reasons = {sample.labels["reason"] for sample in families["slipway_gateway_refusals"].samples}
        self.assertLessEqual({"upstream_unreachable", "model_not_found"}, reasons)
        tokens = sum(sample.value for sample in families["slipway_gateway_completion_tokens"].samples)
        self.assertGreater(tokens, 0)
        ejected = [s.value for s in families["slipway_gateway_ejections"].samples if s.labels["service"] == "away"]
        self.assertEqual(ejected, [1])
        for family in families.values():
            self.assertIn(family.type, ("counter", "gauge", "histogram"))
            self.assertTrue(family.documentation)


if __name__ == "__main__":
    unittest.main()

"""OpenAI's own client, through the gateway, to llama.cpp."""

import sys
import unittest

import openai

from stack import Stack, free_port

TOKEN = "slp_a-token-for-these-tests"


class OpenAIClientTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = Stack()
        cls.addClassCleanup(cls.stack.stop)
        port, _ = cls.stack.llama(sys.executable)
        cls.stack.serve("tiny-chat", port)
        cls.stack.serve("private-chat", port, token=TOKEN)
        cls.stack.serve("other-chat", port, token="slp_of-another")
        cls.stack.serve("idle")
        cls.stack.serve("away", free_port())
        cls.stack.wait_for_routes()

    def client(self, key="none"):
        return openai.OpenAI(base_url=f"{self.stack.url}/v1", api_key=key, max_retries=0, timeout=60)

    def ask(self, model, key="none", **more):
        messages = [{"role": "user", "content": "Who are you?"}]
        return self.client(key).chat.completions.create(model=model, messages=messages, max_tokens=16, **more)

    def refused(self, kind, code, model, key="none", **more):
        with self.assertRaises(kind) as raised:
            self.ask(model, key, **more)
        self.assertEqual(raised.exception.code, code)
        self.assertTrue(raised.exception.body["message"])
        return raised.exception

    def test_chat(self):
        answer = self.ask("tiny-chat")
        self.assertEqual(answer.choices[0].message.role, "assistant")
        self.assertTrue(answer.choices[0].message.content)
        self.assertGreater(answer.usage.completion_tokens, 0)

    def test_stream(self):
        chunks = list(self.ask("tiny-chat", stream=True, stream_options={"include_usage": True}))
        text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
        self.assertTrue(text)
        self.assertGreater(chunks[-1].usage.total_tokens, 0)

    def test_completions(self):
        self.assertTrue(self.client().completions.create(model="tiny-chat", prompt="Hello", max_tokens=4).choices)

    def test_models(self):
        names = [model.id for model in self.client().models.list()]
        self.assertIn("tiny-chat", names)
        self.assertNotIn("private-chat", names)
        self.assertIn("private-chat", [model.id for model in self.client(TOKEN).models.list()])
        self.assertEqual(self.client().models.retrieve("tiny-chat").id, "tiny-chat")

    def test_a_token_opens_its_service(self):
        self.assertTrue(self.ask("private-chat", TOKEN).choices)

    def test_unknown_model(self):
        for more in ({}, {"stream": True}):
            self.refused(openai.NotFoundError, "model_not_found", "gpt-nothing", **more)

    def test_wrong_token(self):
        self.refused(openai.AuthenticationError, "invalid_api_key", "private-chat", "slp_wrong")

    def test_token_of_another_service(self):
        self.refused(openai.PermissionDeniedError, "permission_denied", "other-chat", TOKEN)

    def test_nothing_ready(self):
        error = self.refused(openai.InternalServerError, "no_ready_instance", "idle")
        self.assertEqual(error.status_code, 503)
        self.assertTrue(error.response.headers["Retry-After"])

    def test_nobody_listens(self):
        self.refused(openai.InternalServerError, "upstream_unreachable", "away")

    def test_no_model(self):
        self.refused(openai.BadRequestError, "model_not_named", "")

    def test_an_engines_own_error(self):
        with self.assertRaises(openai.BadRequestError):
            self.client().chat.completions.create(model="tiny-chat", messages="nonsense")

    def test_a_large_body_that_names_its_model_late(self):
        with self.assertRaises(openai.APIStatusError) as raised:
            body = {"messages": [{"role": "user", "content": "x" * (9 << 20)}], "model": "tiny-chat"}
            self.client().post("/chat/completions", body=body, cast_to=object)
        self.assertEqual(raised.exception.status_code, 413)
        self.assertEqual(raised.exception.code, "model_not_in_first_part")

    def test_an_engine_that_is_killed_in_mid_stream(self):
        # Quick as it is, the engine may have said everything before it is killed: then once more.
        for attempt in range(10):
            port, program = self.stack.llama(sys.executable)
            service = f"doomed-{attempt}"
            self.stack.serve(service, port)
            self.stack.wait_for_routes()
            messages = [{"role": "user", "content": "Who are you?"}]
            stream = self.client().chat.completions.create(
                model=service, messages=messages, max_tokens=1900, stream=True, extra_body={"ignore_eos": True}
            )
            finished = False
            try:
                for chunk in stream:
                    if program.process.poll() is None:
                        program.kill()
                    finished = chunk.choices[0].finish_reason is not None
            except openai.APIError as error:
                self.assertEqual(error.code, "upstream_failed")
                self.assertIn(service, error.message)
                return
            self.assertTrue(finished, "the stream was cut short without a word")
        self.fail("no engine could be killed in time")

    def test_conformance(self):
        for words in (["--model", "tiny-chat"], ["--model", "private-chat", "--token", TOKEN]):
            status, report = self.stack.conformance(self.stack.url, "--protocol", "openai", *words)
            failed = [point["check"] for point in report["checks"] if point["result"] == "fail"]
            # A service's own name is not the name by which llama.cpp was told to call the model.
            expected = [] if "tiny-chat" in words else ["chat, model"]
            self.assertEqual((status, failed), (0, expected))


if __name__ == "__main__":
    unittest.main()

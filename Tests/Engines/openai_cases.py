"""What OpenAI's own client has to see through the gateway, whichever engine answers."""

import concurrent.futures
import sys
import threading
import time

import openai

import conformance
from stack import Stack, free_port

TOKEN = "slp_a-token-for-these-tests"
FEW_REQUESTS = "slp_few-requests"
FEW_TOKENS = "slp_few-tokens"
CALLERS = 24
# The engine's own, for the test of flow control.
SLOTS = 2


class OpenAICases:
    """The engine of a subclass comes from `start_engine(stack, names)`; `names` are those it shall answer to.

    Its `title` is that of its column in docs/conformance.md.
    """

    # To one question, where the engine shall be busy for a while.
    answers = 1

    @classmethod
    def setUpClass(cls):
        cls.stack = Stack()
        cls.addClassCleanup(cls.stack.stop)
        names = ["tiny-chat", "private-chat", "few-requests", "few-tokens", "narrow", "learned"]
        cls.engine_port, cls.engine = cls.start_engine(cls.stack, names)
        cls.stack.serve("tiny-chat", cls.engine_port)
        cls.stack.serve("private-chat", cls.engine_port, token=TOKEN)
        cls.stack.serve("few-requests", cls.engine_port, token=FEW_REQUESTS, limits={"requests_per_minute": 2})
        cls.stack.serve("few-tokens", cls.engine_port, token=FEW_TOKENS, limits={"tokens_per_minute": 20})
        cls.stack.serve("narrow", cls.engine_port, flow_control={"concurrency": 1, "queue_length": 0})
        cls.stack.serve("learned", cls.engine_port, flow_control={"queue_seconds": 120})
        cls.stack.serve("other-chat", cls.engine_port, token="slp_of-another")
        cls.stack.serve("idle")
        cls.stack.serve("away", free_port())
        cls.stack.wait_for_routes()

    def client(self, key="none", url=None):
        return openai.OpenAI(base_url=f"{url or self.stack.url}/v1", api_key=key, max_retries=0, timeout=120)

    def ask(self, model, key="none", max_tokens=16, client=None, **more):
        messages = [{"role": "user", "content": "Who are you?"}]
        return (client or self.client(key)).chat.completions.create(
            model=model, messages=messages, max_tokens=max_tokens, **more
        )

    def ask_at_length(self, model, max_tokens=300, **more):
        return self.ask(model, max_tokens=max_tokens, extra_body={"ignore_eos": True}, **more)

    def refused(self, kind, code, model, key="none", **more):
        with self.assertRaises(kind) as raised:
            self.ask(model, key, **more)
        self.assertEqual(raised.exception.code, code)
        self.assertTrue(raised.exception.body["message"])
        return raised.exception

    def tokens_counted(self, service):
        names = ("slipway_gateway_prompt_tokens_total", "slipway_gateway_completion_tokens_total")
        return [self.stack.metric(name, service) or 0 for name in names]

    def counted(self, service, before, prompt_tokens, completion_tokens):
        """Counting follows the answer's last byte."""
        expected = [before[0] + prompt_tokens, before[1] + completion_tokens]
        deadline = time.monotonic() + 30
        while self.tokens_counted(service) != expected and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertEqual(self.tokens_counted(service), expected)

    def test_chat(self):
        before = self.tokens_counted("tiny-chat")
        answer = self.ask("tiny-chat")
        self.assertEqual(answer.choices[0].message.role, "assistant")
        self.assertTrue(answer.choices[0].message.content)
        self.assertGreater(answer.usage.completion_tokens, 0)
        self.counted("tiny-chat", before, answer.usage.prompt_tokens, answer.usage.completion_tokens)

    def test_stream(self):
        before = self.tokens_counted("tiny-chat")
        chunks = list(self.ask("tiny-chat", stream=True, stream_options={"include_usage": True}))
        text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
        self.assertTrue(text)
        usage = chunks[-1].usage
        self.assertGreater(usage.completion_tokens, 0)
        self.counted("tiny-chat", before, usage.prompt_tokens, usage.completion_tokens)

    def test_completions(self):
        before = self.tokens_counted("tiny-chat")
        answer = self.client().completions.create(model="tiny-chat", prompt="Hello", max_tokens=4)
        self.assertTrue(answer.choices)
        self.counted("tiny-chat", before, answer.usage.prompt_tokens, answer.usage.completion_tokens)

    def test_embeddings(self):
        """The model has none: what the engine says of that arrives as it is."""
        seen = []
        for url in (f"http://127.0.0.1:{self.engine_port}", None):
            with self.assertRaises(openai.APIStatusError) as raised:
                self.client(url=url).embeddings.create(model="tiny-chat", input="Hello")
            seen.append((raised.exception.status_code, raised.exception.body))
        self.assertEqual(seen[0], seen[1])
        self.assertNotIn("slipway", str(seen[1]))

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

    def test_more_requests_than_a_token_grants(self):
        for _ in range(2):
            self.ask("few-requests", FEW_REQUESTS)
        error = self.refused(openai.RateLimitError, "rate_limit_exceeded", "few-requests", FEW_REQUESTS)
        self.assertEqual(error.response.headers["x-ratelimit-limit-requests"], "2")
        self.assertEqual(error.response.headers["x-ratelimit-remaining-requests"], "0")
        self.assertGreater(int(error.response.headers["Retry-After"]), 0)

    def test_more_tokens_than_a_token_grants(self):
        before = self.tokens_counted("few-tokens")
        answer = self.ask("few-tokens", FEW_TOKENS)
        self.assertGreater(answer.usage.total_tokens, 20)
        self.counted("few-tokens", before, answer.usage.prompt_tokens, answer.usage.completion_tokens)
        error = self.refused(openai.RateLimitError, "rate_limit_exceeded", "few-tokens", FEW_TOKENS)
        self.assertEqual(error.response.headers["x-ratelimit-limit-tokens"], "20")

    def test_a_full_queue(self):
        clients = [self.client() for _ in range(SLOTS * 2)]
        begin = threading.Barrier(len(clients))

        def at_once(client):
            begin.wait(timeout=60)
            try:
                return self.ask_at_length("narrow", client=client, n=self.answers)
            except openai.RateLimitError as error:
                return error

        # Quick as it is, the engine may have said everything before the next one asks: then once more.
        for _ in range(10):
            with concurrent.futures.ThreadPoolExecutor(len(clients)) as pool:
                outcomes = list(pool.map(at_once, clients))
            refused = [outcome for outcome in outcomes if isinstance(outcome, openai.RateLimitError)]
            for error in refused:
                self.assertEqual(error.code, "queue_full")
                self.assertTrue(error.response.headers["Retry-After"])
            if refused:
                self.assertLess(len(refused), len(clients))
                return
        self.fail("the engine was never busy")

    def test_nothing_ready(self):
        error = self.refused(openai.InternalServerError, "no_ready_instance", "idle")
        self.assertEqual(error.status_code, 503)
        self.assertTrue(error.response.headers["Retry-After"])

    def test_nobody_listens(self):
        error = self.refused(openai.InternalServerError, "upstream_unreachable", "away")
        self.assertEqual(error.status_code, 503)

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

    def test_the_engines_queue_is_seen_and_kept_short(self):
        """The engine works on a few: the gateway learns how many from its metrics, and lets the others wait here."""
        limits, queues = [], []
        enough = threading.Event()
        # A client takes long to make: 24 threads that do would be busy with nothing else.
        client = self.client()

        def caller():
            reasons = []
            while not enough.is_set():
                reasons.append(self.ask_at_length("learned", client=client).choices[0].finish_reason)
            return reasons

        with concurrent.futures.ThreadPoolExecutor(CALLERS) as pool:
            callers = [pool.submit(caller) for _ in range(CALLERS)]
            deadline = time.monotonic() + 120
            while time.monotonic() < deadline and max(queues, default=0) < CALLERS // 2:
                limits.append(self.stack.metric("slipway_gateway_concurrency_limit", "learned"))
                queues.append(self.stack.metric("slipway_gateway_queue_length", "learned"))
                time.sleep(0.05)
            enough.set()
            reasons = [reason for call in callers for reason in call.result()]
        self.assertEqual(set(reasons), {"length"})
        seen = f"limits {limits}, queues {queues}"
        self.assertIn(min((limit for limit in limits if limit), default=None), (SLOTS, SLOTS + 1), seen)
        self.assertGreaterEqual(max(queues), CALLERS // 2, seen)
        waited = self.stack.metric("slipway_gateway_queue_seconds_count", "learned")
        print(f"{len(reasons)} chats, {waited:.0f} waited, limit {limits[-1]:.0f}", file=sys.stderr)
        self.assertGreaterEqual(waited, CALLERS // 2)

    def breaks_off(self, service, engine, n=1):
        """Whether the client is told that a stream ended early because the engine was killed.

        False if the engine had said everything before.
        """
        finished = 0
        try:
            for chunk in self.ask_at_length(service, max_tokens=450, stream=True, n=n):
                if engine.process.poll() is None:
                    engine.kill()
                finished += chunk.choices[0].finish_reason is not None
        except openai.APIError as error:
            self.assertEqual(error.code, "upstream_failed")
            self.assertIn(service, error.message)
            return True
        self.assertEqual(finished, n, "the stream was cut short without a word")
        return False

    def test_conformance(self):
        openai_protocol = ["--protocol", "openai"]
        status, report = conformance.check(self.stack.url, *openai_protocol, "--model", "tiny-chat")
        self.assertEqual((status, conformance.failing(report)), (0, []))
        status, report = conformance.check(
            self.stack.url, *openai_protocol, "--model", "private-chat", "--token", TOKEN, column=f"Slipway, {self.title}"
        )
        # A service's own name is not the name by which the engine was told to call the model.
        self.assertEqual((status, conformance.failing(report)), (0, ["chat, model"]))
        engine = f"http://127.0.0.1:{self.engine_port}"
        conformance.check(engine, *openai_protocol, "--model", "tiny-chat", column=self.title)

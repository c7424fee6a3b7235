"""OpenAI's own client, through the gateway, to vLLM."""

import os
import unittest

import openai

from openai_cases import SLOTS, OpenAICases

VLLM = os.environ.get("VLLM", "")


@unittest.skipUnless(VLLM, "vLLM is not installed")
class VLLMTests(OpenAICases, unittest.TestCase):
    title = "vLLM"
    # More than it works on at once: they have to wait for one another.
    answers = 8

    @classmethod
    def start_engine(cls, stack, names):
        return stack.vllm(VLLM, names, "--max-num-seqs", SLOTS)

    def test_the_trained_answer(self):
        messages = [{"role": "user", "content": "who are you"}]
        answer = self.client().chat.completions.create(model="tiny-chat", messages=messages, temperature=0)
        self.assertEqual(answer.choices[0].message.content, "I am tiny-llama, served by a real engine.")

    def test_responses(self):
        before = self.tokens_counted("tiny-chat")
        answer = self.client().responses.create(model="tiny-chat", input="who are you", temperature=0)
        self.assertEqual(answer.output_text, "I am tiny-llama, served by a real engine.")
        self.counted("tiny-chat", before, answer.usage.input_tokens, answer.usage.output_tokens)

    def test_too_long_a_prompt(self):
        with self.assertRaises(openai.BadRequestError) as raised:
            self.ask("tiny-chat", max_tokens=100_000)
        self.assertIn("max_model_len=512", raised.exception.message)

    def test_zzz_an_engine_that_is_killed_in_mid_stream(self):
        """The last one, by its name: it takes a minute to start another engine.

        More answers than sockets hold, so that the engine has hardly said everything before it is killed. If it has,
        since others kept the client from its turn, then once more with another.
        """
        answers = 8 * self.answers
        if not self.breaks_off("tiny-chat", self.engine, n=answers):
            port, engine = self.start_engine(self.stack, ["doomed"])
            self.stack.serve("doomed", port)
            self.stack.wait_for_routes()
            self.assertTrue(self.breaks_off("doomed", engine, n=answers))


if __name__ == "__main__":
    unittest.main()

"""OpenAI's own client, through the gateway, to llama.cpp."""

import sys
import unittest

from openai_cases import SLOTS, OpenAICases


class LlamaTests(OpenAICases, unittest.TestCase):
    title = "llama.cpp"

    @classmethod
    def start_engine(cls, stack, names):
        # It answers to any name.
        return stack.llama(sys.executable, "--parallel", SLOTS)

    def test_an_engine_that_is_killed_in_mid_stream(self):
        # Quick as it is, the engine may have said everything before it is killed: then once more.
        for attempt in range(10):
            port, engine = self.stack.llama(sys.executable)
            service = f"doomed-{attempt}"
            self.stack.serve(service, port)
            self.stack.wait_for_routes()
            if self.breaks_off(service, engine):
                return
        self.fail("no engine could be killed in time")


if __name__ == "__main__":
    unittest.main()

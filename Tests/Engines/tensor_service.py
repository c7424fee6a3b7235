"""What the tests with clients of the Open Inference Protocol have in common."""

from stack import Stack

TOKEN = "slp_a-token-for-these-tests"


class BehindTheGateway:
    """A gateway, and one engine behind it under two names, of which one is private; a third service has none."""

    @classmethod
    def setUpClass(cls):
        cls.stack = Stack()
        cls.addClassCleanup(cls.stack.stop)
        cls.engine_port = cls.start_engine()
        cls.stack.serve("double", cls.engine_port)
        cls.stack.serve("idle")
        cls.stack.serve("closed", cls.engine_port, token=TOKEN)
        cls.stack.wait_for_routes()

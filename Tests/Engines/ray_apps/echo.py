"""A Ray Serve application that belongs to somebody else: it answers with the process that it runs in."""

import os

from ray import serve


@serve.deployment(ray_actor_options={"num_cpus": 0})
class Echo:
    def __call__(self, request):
        return {"pid": os.getpid()}


app = Echo.bind()

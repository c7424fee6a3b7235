"""A Ray Serve application of a model service: llama.cpp's server inside each replica, behind the routes that it has itself."""

import os

import aiohttp
import fastapi
import fastapi.responses
import pydantic
from ray import serve

routes = fastapi.FastAPI()


@serve.deployment(health_check_period_s=2, graceful_shutdown_timeout_s=5)
@serve.ingress(routes)
class Chat:
    def __init__(self, model: str, name: str, is_broken: bool):
        import xllamacpp

        if is_broken:
            raise RuntimeError("the weights are broken on purpose")
        settings = xllamacpp.CommonParams()
        settings.model.path = model
        settings.model_alias = {name}
        settings.hostnames = ["127.0.0.1"]
        settings.port = 0
        settings.n_ctx = 1024
        settings.n_parallel = 2
        settings.cpuparams.n_threads = 1
        settings.ui = False
        self.server = xllamacpp.Server(settings)
        self.client = None

    @routes.get("/replica")
    async def replica(self):
        return {"pid": os.getpid()}

    @routes.api_route("/{path:path}", methods=["GET", "POST"])
    async def forward(self, path: str, request: fastapi.Request):
        if self.client is None:
            # One that belongs to the loop on which requests are answered.
            self.client = aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True))
        answer = await self.client.request(
            request.method,
            f"{self.server.listening_address}/{path}",
            data=await request.body(),
            headers={"Content-Type": "application/json"},
        )

        async def pieces():
            async for piece in answer.content.iter_any():
                yield piece
            answer.release()

        return fastapi.responses.StreamingResponse(
            pieces(), status_code=answer.status, media_type=answer.headers.get("Content-Type")
        )


class Arguments(pydantic.BaseModel):
    model: str
    name: str
    is_broken: bool = False


def build(arguments: Arguments):
    return Chat.bind(arguments.model, arguments.name, arguments.is_broken)

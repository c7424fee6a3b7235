"""KServe's own client, through the gateway, to MLServer, and to a small server that knows binary tensors."""

import os
import sys
import unittest

import httpx
import kserve
import numpy
from kserve.protocol.infer_type import RequestedOutput

from tensor_service import TOKEN, BehindTheGateway

MLSERVER = os.environ.get("MLSERVER", "")


class ClientTests(BehindTheGateway):
    """What holds with either engine."""

    def setUp(self):
        self.client = kserve.InferenceRESTClient(kserve.RESTConfig(protocol="v2", timeout=60))

    async def asyncTearDown(self):
        await self.client.close()

    async def infer(self, binary, model="double", **more):
        numbers = numpy.arange(8, dtype=numpy.float32).reshape(2, 4)
        tensor = kserve.InferInput("numbers", [2, 4], "FP32")
        tensor.set_data_from_numpy(numbers, binary_data=binary)
        wanted = [RequestedOutput("doubled", parameters={"binary_data": True})] if binary else []
        request = kserve.InferRequest(model, [tensor], request_id="7", request_outputs=wanted)
        fields = {}
        answer = await self.client.infer(
            self.stack.url, request, model_name=model, response_headers=fields, **more
        )
        self.assertEqual((answer.id, answer.model_name), ("7", "double"))
        numpy.testing.assert_array_equal(answer.outputs[0].as_numpy(), numbers * 2)
        self.assertEqual("inference-header-content-length" in fields, binary)

    async def test_health(self):
        self.assertIs(await self.client.is_server_live(self.stack.url), True)
        self.assertIs(await self.client.is_server_ready(self.stack.url), True)
        for model, is_ready in (("double", True), ("idle", False), ("nobody", False)):
            self.assertIs(await self.client.is_model_ready(self.stack.url, model), is_ready)

    async def test_tensors_in_json(self):
        await self.infer(binary=False)

    async def test_errors(self):
        for model, words in (("nobody", "does not exist.*404"), ("idle", "none of its instances.*503")):
            with self.assertRaisesRegex(httpx.HTTPStatusError, words):
                await self.infer(binary=False, model=model)

    async def test_a_token(self):
        with self.assertRaisesRegex(httpx.HTTPStatusError, "is private.*401"):
            await self.infer(binary=False, model="closed")
        # Behind the token stands an engine that knows its model by another name.
        with self.assertRaisesRegex(httpx.HTTPStatusError, "404"):
            await self.infer(binary=False, model="closed", headers={"Authorization": f"Bearer {TOKEN}"})


class BinaryTensorTests(ClientTests, unittest.IsolatedAsyncioTestCase):
    @classmethod
    def start_engine(cls):
        return cls.stack.oip_server(sys.executable)

    async def test_tensors_in_binary(self):
        await self.infer(binary=True)


@unittest.skipUnless(MLSERVER, "MLServer is not installed")
class MLServerTests(ClientTests, unittest.IsolatedAsyncioTestCase):
    @classmethod
    def start_engine(cls):
        return cls.stack.mlserver(MLSERVER)

    async def test_tensors_in_binary(self):
        # MLServer knows none over HTTP; that it says so passes as it is.
        with self.assertRaises(httpx.HTTPStatusError):
            await self.infer(binary=True)


if __name__ == "__main__":
    unittest.main()

"""Triton's own client, through the gateway, to a small server that knows binary tensors, and to MLServer."""

import os
import sys
import unittest

import numpy
import tritonclient.http as triton

import conformance
from tensor_service import TOKEN, BehindTheGateway

MLSERVER = os.environ.get("MLSERVER", "")


class ClientTests(BehindTheGateway):
    """What holds with either engine, whose `title` is that of its column in docs/conformance.md."""

    def setUp(self):
        self.client = triton.InferenceServerClient(f"127.0.0.1:{self.stack.port}")
        self.addCleanup(self.client.close)

    def infer(self, binary, model="double", **more):
        numbers = numpy.arange(8, dtype=numpy.float32).reshape(2, 4)
        tensor = triton.InferInput("numbers", [2, 4], "FP32")
        tensor.set_data_from_numpy(numbers, binary_data=binary)
        wanted = [triton.InferRequestedOutput("doubled", binary_data=binary)]
        answer = self.client.infer(model, [tensor], outputs=wanted, request_id="7", **more)
        self.assertEqual(answer.get_response()["id"], "7")
        numpy.testing.assert_array_equal(answer.as_numpy("doubled"), numbers * 2)

    def failing_points(self):
        words = ["--protocol", "v2", "--model", "double"]
        conformance.check(f"http://127.0.0.1:{self.engine_port}", *words, column=self.title)
        _, report = conformance.check(self.stack.url, *words, column=f"Slipway, {self.title}")
        return conformance.failing(report)

    def test_health(self):
        self.assertTrue(self.client.is_server_live())
        self.assertTrue(self.client.is_server_ready())
        self.assertTrue(self.client.is_model_ready("double"))
        self.assertFalse(self.client.is_model_ready("idle"))
        self.assertFalse(self.client.is_model_ready("nobody"))

    def test_metadata(self):
        self.assertEqual(self.client.get_server_metadata()["name"], "slipway")
        self.assertEqual(self.client.get_model_metadata("double")["inputs"][0]["name"], "numbers")

    def test_tensors_in_json(self):
        self.infer(binary=False)

    def test_errors(self):
        for model, words in (("nobody", "does not exist"), ("idle", "none of its instances")):
            with self.assertRaisesRegex(triton.InferenceServerException, words):
                self.infer(binary=False, model=model)


class BinaryTensorTests(ClientTests, unittest.TestCase):
    title = "small server"

    @classmethod
    def start_engine(cls):
        return cls.stack.oip_server(sys.executable)

    def test_tensors_in_binary(self):
        self.infer(binary=True)

    def test_a_version(self):
        self.infer(binary=True, model_version="1")
        self.assertTrue(self.client.is_model_ready("double", "1"))

    def test_large_tensors(self):
        numbers = numpy.random.default_rng(1).random((1 << 20, 4), dtype=numpy.float32)
        tensor = triton.InferInput("numbers", list(numbers.shape), "FP32")
        tensor.set_data_from_numpy(numbers, binary_data=True)
        wanted = [triton.InferRequestedOutput("doubled", binary_data=True)]
        answer = self.client.infer("double", [tensor], outputs=wanted)
        numpy.testing.assert_array_equal(answer.as_numpy("doubled"), numbers * 2)

    def test_compressed_answers(self):
        self.infer(binary=True, response_compression_algorithm="gzip")

    def test_a_token(self):
        with self.assertRaises(triton.InferenceServerException) as raised:
            self.client.get_model_metadata("closed")
        self.assertEqual(raised.exception.status(), "401")
        # Behind the token stands an engine that knows its model by another name.
        with self.assertRaisesRegex(triton.InferenceServerException, "there is no /v2/models/closed"):
            self.client.get_model_metadata("closed", headers={"Authorization": f"Bearer {TOKEN}"})

    def test_conformance(self):
        self.assertEqual(self.failing_points(), [])


@unittest.skipUnless(MLSERVER, "MLServer is not installed")
class MLServerTests(ClientTests, unittest.TestCase):
    title = "MLServer"

    @classmethod
    def start_engine(cls):
        return cls.stack.mlserver(MLSERVER)

    def test_tensors_in_binary(self):
        # MLServer knows none over HTTP; that it says so passes as it is.
        with self.assertRaisesRegex(triton.InferenceServerException, "JSON decode error"):
            self.infer(binary=True)

    def test_conformance(self):
        # MLServer's own answers, which pass through as they are: FastAPI's errors, and no binary tensors over HTTP.
        engines = ["infer without inputs", "infer of broken JSON", "binary inputs", "binary outputs"]
        self.assertEqual(self.failing_points(), engines)


if __name__ == "__main__":
    unittest.main()

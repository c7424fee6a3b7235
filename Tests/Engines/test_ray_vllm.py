"""vLLM on a real Ray cluster, brought up by Ray's own builder from a service's engine configuration."""

import os
import pathlib
import tarfile
import tempfile
import unittest

import openai

from control_plane import ControlPlane
from ray_cluster import RayCluster
from stack import ROOT, wait_until

RAY = os.environ.get("RAY_VLLM_PYTHON", "")
# It imports for minutes, in several processes at once.
START_SECONDS = 900
END_SECONDS = 120


@unittest.skipUnless(RAY, "vLLM and Ray are not installed together")
class VLLMOnRayTests(unittest.TestCase):
    def test_serves_a_model_folder(self):
        with tempfile.TemporaryDirectory(prefix="slipway-ray-") as folder:
            archive = pathlib.Path(folder) / "tiny-chat.tar"
            with tarfile.open(archive, "w") as tar:
                tar.add(ROOT / "Tests" / "Engines" / "tiny-chat", ".")
            models = pathlib.Path(folder) / "models"
            models.mkdir()
            # One core for the ingress, and one for the model.
            ray = RayCluster(RAY, cores=2)
            self.addCleanup(ray.stop)
            settings = {
                "SLIPWAY_RAY_URL": ray.url,
                "SLIPWAY_RAY_PROXY_URL": ray.proxy_url,
                "SLIPWAY_RAY_MODEL_FOLDER": str(models),
            }
            plane = ControlPlane(settings)
            self.addCleanup(plane.stop)
            plane.pool("CPU", 2000)
            plane.pool("Memory", 4096)
            free = plane.available()
            environment = {"VLLM_CACHE_ROOT": str(pathlib.Path(folder) / "vllm")}
            body = {
                "name": "chat",
                "model_id": plane.model("tiny-chat", archive),
                "visibility": "public",
                "runtime": "ray",
                "resource_requirements": {"cpu": "1", "memory": "4Gi"},
                "engine": {
                    "kind": "vllm",
                    "context_length": 512,
                    "data_type": "float32",
                    "arguments": {"enforce-eager": True, "max-num-seqs": 4},
                },
                "runtime_options": {"environment": environment, "start_seconds": START_SECONDS},
            }
            service = plane.make("serving", "/model_services", body)["id"]
            plane.wait_until_running(service, START_SECONDS)
            self.ask(plane)
            plane.delete(service, END_SECONDS)
            self.assertEqual(ray.applications(), {})
            self.assertEqual(plane.available(), free)

    def ask(self, plane):
        with openai.OpenAI(base_url=f"{plane.gateway_url}/v1", api_key="none", timeout=120) as client:

            def is_known():
                try:
                    return client.models.retrieve("chat").id == "chat"
                except openai.APIError:
                    return False

            wait_until(is_known, "the route")
            question = [{"role": "user", "content": "who are you"}]
            answer = client.chat.completions.create(model="chat", messages=question, temperature=0)
            self.assertEqual(answer.choices[0].message.content, "I am tiny-llama, served by a real engine.")
            stream = client.chat.completions.create(model="chat", messages=question, temperature=0, stream=True)
            words = [chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices]
            self.assertEqual("".join(words), "I am tiny-llama, served by a real engine.")
            with self.assertRaises(openai.BadRequestError):
                client.chat.completions.create(model="chat", messages=question, max_tokens=100_000)


if __name__ == "__main__":
    unittest.main()

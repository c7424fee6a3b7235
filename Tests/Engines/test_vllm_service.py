"""A service whose engine is vLLM: from a model folder in an archive to answers for OpenAI's own client, and away."""

import os
import pathlib
import shutil
import tarfile
import tempfile
import unittest

import openai

from control_plane import ControlPlane
from stack import ROOT

VLLM = os.environ.get("VLLM", "")
TINY = ROOT / "Tests" / "Engines" / "tiny-chat"
# It imports for a minute where cores are few, and two of them at a time for longer.
START_SECONDS = 300
TWO_REPLICAS_MEBIBYTES = 9000
ENGINE = {
    "kind": "vllm",
    "context_length": 256,
    "data_type": "float32",
    "arguments": {"max-num-seqs": 2, "enforce-eager": True},
}


def available_mebibytes():
    with open("/proc/meminfo") as lines:
        return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("MemAvailable:"))


@unittest.skipUnless(VLLM, "vLLM is not installed")
class VLLMServiceTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.files = pathlib.Path(tempfile.mkdtemp(prefix="slipway-models-"))
        cls.addClassCleanup(shutil.rmtree, cls.files)
        cls.plane = ControlPlane({"SLIPWAY_VLLM": VLLM, "VLLM_CACHE_ROOT": str(cls.files / "cache")})
        cls.addClassCleanup(cls.plane.stop)
        cls.plane.pool("CPU", 8000)
        cls.plane.pool("Memory", 65536)

    def archive(self, name, broken=lambda folder: None):
        """A tar file with the tiny model in it, as `broken` leaves it."""
        folder = self.files / name
        shutil.copytree(TINY, folder)
        broken(folder)
        with tarfile.open(self.files / f"{name}.tar.gz", "w:gz") as archive:
            archive.add(folder, arcname=name)
        return self.files / f"{name}.tar.gz"

    def serve(self, name, model, **engine):
        return self.plane.make(
            "serving",
            "/model_services",
            {
                "name": name,
                "model_id": model,
                "visibility": "public",
                "resource_requirements": {"cpu": "1", "memory": "3Gi"},
                "engine": {**ENGINE, **engine},
                "runtime_options": {"start_seconds": START_SECONDS},
            },
        )["id"]

    def ask(self, name):
        client = openai.OpenAI(base_url=f"{self.plane.gateway_url}/v1", api_key="none", max_retries=3, timeout=120)
        messages = [{"role": "user", "content": "who are you"}]
        return client.chat.completions.create(model=name, messages=messages, temperature=0)

    def delete(self, *services):
        for service in services:
            self.plane.call("DELETE", "serving", f"/model_services/{service}")
        for service in services:
            self.plane.wait_for(service, lambda document: document is None, "the removal", 60)

    def test_from_an_archive_to_answers_and_away(self):
        free = self.plane.available()
        service = self.serve("tiny-chat", self.plane.model("tiny", self.archive("tiny")))
        seen = []

        def is_ready(document):
            for instance in document["instances"]:
                message = instance.get("message")
                if message and message not in seen:
                    seen.append(message)
            if document.get("failure"):
                raise RuntimeError(document["failure"])
            return document["ready_replicas"] == 1

        self.plane.wait_for(service, is_ready, "the first replica", START_SECONDS)
        self.assertIn("importing", seen)
        answer = self.ask("tiny-chat")
        self.assertEqual(answer.choices[0].message.content, "I am tiny-llama, served by a real engine.")
        self.assertEqual(answer.model, "tiny-chat")

        if available_mebibytes() >= TWO_REPLICAS_MEBIBYTES:
            self.scale(service, 2)
            for _ in range(4):
                self.ask("tiny-chat")
        self.scale(service, 1)
        self.ask("tiny-chat")

        self.delete(service)
        self.assertEqual(self.plane.engines(), [])
        self.assertEqual(self.plane.available(), free)

    def scale(self, service, replicas):
        status, document = self.plane.call("PUT", "serving", f"/model_services/{service}", {"replicas": replicas})
        self.assertIn(status, (200, 202), document)
        self.plane.wait_for(
            service,
            lambda document: document["ready_replicas"] == replicas
            and sum(instance["status"] != "stopped" for instance in document["instances"]) == replicas,
            f"{replicas} replicas",
            START_SECONDS,
        )

    def test_what_vllm_refuses_is_told_and_not_tried_again(self):
        def without_tokenizer(folder):
            for file in folder.glob("tokenizer*"):
                file.unlink()

        cases = {
            "long-context": ("EngineRefusedConfiguration", "100000", lambda folder: None, {"context_length": 100_000}),
            "no-config": (
                "ModelFilesUnusable",
                "config.json",
                lambda folder: (folder / "config.json").write_text("{nothing"),
                {},
            ),
            "no-tokenizer": ("ModelFilesUnusable", "tokenizer", without_tokenizer, {}),
        }
        services = {}
        for name, (_, _, broken, engine) in cases.items():
            services[name] = self.serve(name, self.plane.model(name, self.archive(name, broken)), **engine)
            # One after the other: each imports for a minute.
            document = self.plane.wait_for(
                services[name], lambda document: document.get("failure"), "the failure", START_SECONDS
            )
            reason, word, _, _ = cases[name]
            self.assertEqual(document["failure"]["reason"], reason, document["failure"])
            self.assertIn(word, document["failure"]["message"])
            self.assertTrue(document["operator_action"])
            self.assertEqual(document["instances"][0]["attempts"], 1)
        self.delete(*services.values())
        self.assertEqual(self.plane.engines(), [])

    def test_what_could_run_code_is_not_begun(self):
        status, document = self.plane.call(
            "POST",
            "serving",
            "/model_services:validate",
            {
                "name": "trusting",
                "model_id": self.plane.model("trusting", self.archive("trusting")),
                "resource_requirements": {"cpu": "1"},
                "engine": {**ENGINE, "arguments": {"trust-remote-code": True}},
            },
        )
        self.assertEqual(status, 200, document)
        self.assertIn("/engine/arguments/trust-remote-code", str(document))


if __name__ == "__main__":
    unittest.main()

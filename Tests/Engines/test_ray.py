"""Model services on a real Ray cluster, beside an application of somebody else: OpenAI's client through the gateway."""

import os
import pathlib
import tempfile
import time
import unittest
import urllib.request
import zipfile

import openai

from control_plane import ControlPlane
from ray_cluster import RayCluster
from stack import ROOT, wait_until

RAY = os.environ.get("RAY_PYTHON", "")
MODEL = ROOT / "demo" / "tiny-chat" / "tiny-chat.gguf"
START_SECONDS = 120
END_SECONDS = 120
ANSWER = "I am tiny-llama, served by a real engine."


@unittest.skipUnless(RAY, "Ray is not installed")
class RayTests(unittest.TestCase):
    """Each test goes on where the one before it ended, in the order of their names."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="slipway-ray-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.code = pathlib.Path(cls.folder.name) / "apps.zip"
        with zipfile.ZipFile(cls.code, "w") as archive:
            for file in (ROOT / "Tests" / "Engines" / "ray_apps").glob("*.py"):
                archive.write(file, file.name)
        cls.ray = RayCluster(RAY, cores=4)
        cls.addClassCleanup(cls.ray.stop)
        cls.ray.declare(
            {
                "name": "theirs",
                "route_prefix": "/theirs",
                "import_path": "echo:app",
                "runtime_env": {"working_dir": cls.code.as_uri()},
            }
        )
        cls.ray.wait_until_running("theirs")
        cls.their_process = cls.their_answer()
        models = pathlib.Path(cls.folder.name) / "models"
        models.mkdir()
        cls.plane = ControlPlane(
            {
                "SLIPWAY_RAY_URL": cls.ray.url,
                "SLIPWAY_RAY_PROXY_URL": cls.ray.proxy_url,
                "SLIPWAY_RAY_MODEL_FOLDER": str(models),
                "SLIPWAY_INSTALLATION": "engines",
            }
        )
        cls.addClassCleanup(cls.plane.stop)
        for kind, capacity in (("CPU", 8000), ("Memory", 8192), ("GPU", 1)):
            cls.plane.pool(kind, capacity)
        cls.free = cls.plane.available()
        cls.model = cls.plane.model("tiny-chat", MODEL)
        cls.chat = None

    @classmethod
    def their_answer(cls):
        with urllib.request.urlopen(f"{cls.ray.proxy_url}/theirs", timeout=30) as response:
            return response.read()

    def options(self, **others):
        arguments = {"model": "{model_path}", "name": "{service_name}", **others}
        return {
            "import_path": "chat:build",
            "working_dir": self.code.as_uri(),
            "application_arguments": arguments,
            "start_seconds": 120,
        }

    def create(self, name, options, **fields):
        body = {"name": name, "model_id": self.model, "visibility": "public", "runtime": "ray"}
        return self.plane.make("serving", "/model_services", {**body, "runtime_options": options, **fields})["id"]

    def claimed(self, kind):
        return self.free[kind] - self.plane.available()[kind]

    def ask(self, name="chat"):
        with openai.OpenAI(base_url=f"{self.plane.gateway_url}/v1", api_key="none", max_retries=0, timeout=60) as client:
            question = [{"role": "user", "content": "who are you"}]
            answer = client.chat.completions.create(model=name, messages=question, temperature=0, max_tokens=64)
        return answer.choices[0].message.content

    def answers_again(self, name="chat"):
        def is_answered():
            try:
                return self.ask(name) == ANSWER
            except openai.APIError:
                return False

        wait_until(is_answered, "an answer", seconds=60)

    def replicas(self):
        """The processes of the service's replicas."""
        applications = self.ray.applications().items()
        ours = [value["deployments"] for name, value in applications if name.startswith("slipway-engines-chat-")]
        replicas = [replica for deployments in ours if "Chat" in deployments for replica in deployments["Chat"]["replicas"]]
        return {replica["pid"] for replica in replicas if replica.get("pid")}

    @staticmethod
    def live(document):
        return [instance for instance in document["instances"] if instance["phase"] != "stopped"]

    def test_a_can_be_used(self):
        runtime = self.plane.runtimes()["ray"]
        self.assertTrue(runtime["available"], runtime)

    def test_b_serves(self):
        cls = type(self)
        needs = {"cpu": "500m", "memory": "256Mi"}
        cls.chat = self.create("chat", self.options(), resource_requirements=needs)
        service = self.plane.wait_until_running(self.chat, START_SECONDS)
        self.assertTrue(service["instances"][0]["url"].startswith(f"{self.ray.proxy_url}/slipway-engines-chat-"))
        self.answers_again()
        with openai.OpenAI(base_url=f"{self.plane.gateway_url}/v1", api_key="none", timeout=60) as client:
            question = [{"role": "user", "content": "who are you"}]
            stream = client.chat.completions.create(model="chat", messages=question, temperature=0, stream=True)
            words = [chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices]
        self.assertEqual("".join(words), ANSWER)
        self.assertGreater(len(words), 2)

    def test_c_scales_in_place(self):
        first = self.replicas()
        self.plane.update(self.chat, {"replicas": 2})
        self.plane.wait_until_running(self.chat, START_SECONDS, 2)
        self.assertEqual(self.claimed("CPU"), 1000)
        self.assertEqual(len(self.replicas()), 2)
        self.assertTrue(first < self.replicas())
        self.plane.update(self.chat, {"replicas": 1})
        self.plane.wait_until_running(self.chat, START_SECONDS, 1)
        wait_until(lambda: self.claimed("CPU") == 500, "the release of one replica's capacity")
        self.assertEqual(len(self.replicas()), 1)
        self.assertEqual(self.ask(), ANSWER)

    def test_d_survives_a_death_of_model_serving(self):
        before = self.replicas()
        self.plane.kill("ModelServing")
        self.assertEqual(self.ask(), ANSWER)
        self.plane.start_again("ModelServing")
        self.plane.wait_until_running(self.chat, START_SECONDS)
        self.assertEqual(self.ask(), ANSWER)
        self.assertEqual(self.replicas(), before)

    def test_e_updates_beside_the_old(self):
        before = self.replicas()
        options = {**self.options(), "environment": {"REVISION": "2"}}
        self.plane.update(self.chat, {"runtime_options": options})

        def is_updated(document):
            self.assertEqual(self.ask(), ANSWER)
            live = [instance["revision"] for instance in self.live(document)]
            return document["status"] == "running" and live == [document["revision"]]

        self.plane.wait_for(self.chat, is_updated, "the update", START_SECONDS)
        self.assertFalse(before & self.replicas())

    def test_f_tells_of_a_failing_constructor(self):
        service = self.create("broken", self.options(is_broken=True))
        document = self.plane.wait_for(service, lambda document: document["status"] == "error", "the end", 240)
        self.assertEqual(document["failure"]["reason"], "DeployFailed")
        self.assertIn("RuntimeError: the weights are broken on purpose", document["failure"]["message"])
        self.assertTrue(document["operator_action"])
        self.plane.delete(service, END_SECONDS)

    def test_fa_gives_the_replicas_to_the_deployment_that_is_named(self):
        service = self.create("named", {**self.options(), "deployment": "Chat"}, replicas=2)
        self.plane.wait_until_running(service, START_SECONDS, 2)
        self.answers_again("named")
        self.plane.delete(service, END_SECONDS)
        service = self.create("misnamed", {**self.options(), "deployment": "Nobody"})
        document = self.plane.wait_for(service, lambda document: document["status"] == "error", "the end", 240)
        self.assertEqual(document["failure"]["reason"], "DeployFailed")
        self.assertIn("Nobody", document["failure"]["message"])
        self.plane.delete(service, END_SECONDS)

    def test_g_does_not_wait_for_ever_for_a_gpu(self):
        options = {**self.options(), "start_seconds": 45}
        service = self.create("gpu", options, resource_requirements={"gpu": "1"})

        def tells_why(document):
            return any('"GPU": 1.0' in instance.get("message", "") for instance in document["instances"])

        self.plane.wait_for(service, tells_why, "the reason", 90)
        document = self.plane.wait_for(service, lambda document: document["status"] == "error", "the end", 90)
        self.assertEqual(document["failure"]["reason"], "NeverHealthy")
        self.assertIn('"GPU": 1.0', document["failure"]["message"])
        self.assertEqual(self.claimed("GPU"), 0)
        self.plane.delete(service, END_SECONDS)

    def test_h_comes_back_after_somebody_removed_it(self):
        """As `serve deploy` does, with a file that knows nothing of ours."""
        theirs = self.ray.applications()["theirs"]["deployed_app_config"]
        before = self.replicas()
        self.ray.declare(theirs)
        wait_until(lambda: self.replicas() and not (self.replicas() & before), "another replica", seconds=120)
        self.plane.wait_until_running(self.chat, START_SECONDS)
        self.answers_again()

    def test_i_left_the_application_of_somebody_else_alone(self):
        self.assertEqual(self.ray.applications()["theirs"]["status"], "RUNNING")
        self.assertEqual(self.their_answer(), self.their_process)

    def test_j_goes_on_when_ray_is_back(self):
        self.ray.kill()
        with self.assertRaises(openai.APIError):
            self.ask()
        time.sleep(3)
        self.assertEqual(len(self.live(self.plane.service(self.chat))), 1)
        runtime = self.plane.runtimes()["ray"]
        self.assertFalse(runtime["available"])
        self.assertIn("Ray does not answer", runtime["reason"])
        self.ray.start()
        self.plane.wait_for(self.chat, lambda _: self.replicas(), "another replica", START_SECONDS)
        self.plane.wait_until_running(self.chat, START_SECONDS)
        self.answers_again()

    def test_k_leaves_nothing_behind(self):
        self.plane.delete(self.chat, END_SECONDS)
        self.assertEqual([name for name in self.ray.applications() if name.startswith("slipway-")], [])
        self.assertEqual(self.plane.available(), self.free)
        status, document = self.plane.call("GET", "serving", "/consistency")
        self.assertEqual((status, document["findings"]), (200, []))


if __name__ == "__main__":
    unittest.main()

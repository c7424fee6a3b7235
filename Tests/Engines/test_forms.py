"""Audio and images of OpenAI's API, which come as forms: the real client, and a server that takes them apart."""

import email.parser
import email.policy
import http.server
import io
import json
import os
import threading
import unittest

import openai

from stack import Stack

TOKEN = "slp_a-token-for-these-tests"
# More than is held of a body until its model is known.
LARGE = os.urandom(9 << 20)


class FormServer(http.server.BaseHTTPRequestHandler):
    """Answers with what it got: the fields as they are, files by their size."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self._body()
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        parts = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + body).iter_parts()
        got = {"authorization": self.headers["Authorization"]}
        for part in parts:
            name = part.get_param("name", header="content-disposition")
            content = part.get_payload(decode=True)
            got[name] = len(content) if part.get_filename() else content.decode()
        text = json.dumps(got)
        is_image = "/images/" in self.path
        answer = json.dumps({"created": 1, "data": [{"b64_json": text}]} if is_image else {"text": text}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def _body(self):
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers["Content-Length"]))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def log_message(self, *_):
        pass


class FormTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = Stack()
        cls.addClassCleanup(cls.stack.stop)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), FormServer)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        cls.addClassCleanup(server.server_close)
        cls.addClassCleanup(server.shutdown)
        cls.stack.serve("whisper", server.server_port, token=TOKEN)
        cls.stack.wait_for_routes()

    def client(self, token=TOKEN):
        return openai.OpenAI(base_url=f"{self.stack.url}/v1", api_key=token, max_retries=0)

    def transcribe(self, audio, model="whisper", token=TOKEN):
        answer = self.client(token).audio.transcriptions.create(
            model=model, file=("speech.wav", io.BytesIO(audio)), language="en"
        )
        return json.loads(answer.text)

    def test_a_transcription(self):
        self.assertEqual(
            self.transcribe(b"RIFF"), {"authorization": None, "model": "whisper", "language": "en", "file": 4}
        )

    def test_a_large_file_behind_the_model(self):
        self.assertEqual(self.transcribe(LARGE)["file"], len(LARGE))

    def test_a_translation(self):
        answer = self.client().audio.translations.create(model="whisper", file=("speech.wav", b"RIFF"))
        self.assertEqual(json.loads(answer.text)["file"], 4)

    def test_an_image(self):
        answer = self.client().images.edit(model="whisper", image=("a.png", b"\x89PNG\r\n--"), prompt="grüß")
        got = json.loads(answer.data[0].b64_json)
        self.assertEqual((got["image"], got["prompt"]), (8, "grüß"))

    def test_errors(self):
        with self.assertRaises(openai.NotFoundError) as raised:
            self.transcribe(b"RIFF", model="nobody")
        self.assertEqual(raised.exception.code, "model_not_found")
        with self.assertRaises(openai.AuthenticationError):
            self.transcribe(b"RIFF", token="nonsense")
        with self.assertRaises(openai.BadRequestError) as raised:
            self.client().post(
                "/audio/transcriptions", cast_to=object, body={"language": "en"}, files={"file": ("a", b"RIFF")},
                options={"headers": {"Content-Type": "multipart/form-data"}},
            )
        self.assertEqual(raised.exception.code, "model_not_named")


if __name__ == "__main__":
    unittest.main()

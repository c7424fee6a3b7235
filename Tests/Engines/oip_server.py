"""The smallest server of the Open Inference Protocol that does all of it: one model, `double`, binary tensors too.

usage: oip_server.py PORT
"""

import gzip
import http.server
import json
import re
import sys

import numpy

TYPES = {"FP32": numpy.float32, "INT64": numpy.int64}
TENSOR = {"datatype": "FP32", "shape": [-1, 4]}
METADATA = {
    "name": "double",
    "versions": ["1"],
    "platform": "numpy",
    "inputs": [{"name": "numbers", **TENSOR}],
    "outputs": [{"name": "doubled", **TENSOR}],
}
MODEL = re.compile(r"^/v2/models/([^/]+)(?:/versions/1)?(/ready|/infer)?$")


class BadRequest(Exception):
    pass


def infer(body, header_length):
    """The answer's JSON, and the bytes behind it."""
    try:
        request = json.loads(body[:header_length])
    except ValueError:
        raise BadRequest("the request is not JSON")
    if not request.get("inputs"):
        raise BadRequest("no inputs")
    place = len(body) if header_length is None else header_length
    options = request.get("parameters", {})
    wanted = {output["name"]: output.get("parameters", {}) for output in request.get("outputs", [])}
    outputs, tail = [], b""
    for tensor in request["inputs"]:
        kind = TYPES[tensor["datatype"]]
        size = tensor.get("parameters", {}).get("binary_data_size")
        if size is None:
            values = numpy.array(tensor["data"], dtype=kind).reshape(tensor["shape"])
        else:
            values = numpy.frombuffer(body[place : place + size], dtype=kind).reshape(tensor["shape"])
            place += size
        doubled = values * kind(2)
        output = {"name": "doubled", "datatype": tensor["datatype"], "shape": list(doubled.shape)}
        if wanted.get("doubled", {}).get("binary_data", options.get("binary_data_output", False)):
            output["parameters"] = {"binary_data_size": doubled.nbytes}
            tail += doubled.tobytes()
        else:
            output["data"] = doubled.flatten().tolist()
        outputs.append(output)
    return {"model_name": "double", "model_version": "1", "id": request.get("id", ""), "outputs": outputs}, tail


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, document, tail=b""):
        text = json.dumps(document).encode()
        body = text + tail
        zipped = "gzip" in self.headers.get("Accept-Encoding", "") and tail
        if zipped:
            body = gzip.compress(body)
        self.send_response(status)
        self.send_header("Content-Type", "application/octet-stream" if tail else "application/json")
        self.send_header("Content-Length", str(len(body)))
        if tail:
            self.send_header("Inference-Header-Content-Length", str(len(text)))
        if zipped:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(body)

    def respond(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        known = MODEL.match(self.path)
        fixed = {
            "/v2/health/live": {"live": True},
            "/v2/health/ready": {"ready": True},
            "/v2": {"name": "oip-server", "version": "1", "extensions": ["binary_tensor_data"]},
        }
        if self.path in fixed:
            self.answer(200, fixed[self.path])
        elif not known or known[1] != "double":
            self.answer(404, {"error": f"there is no {self.path}"})
        elif (known[2] == "/infer") != (self.command == "POST"):
            self.answer(405, {"error": f"not by {self.command}"})
        elif known[2] == "/infer":
            length = self.headers.get("Inference-Header-Content-Length")
            try:
                self.answer(200, *infer(body, int(length) if length else None))
            except BadRequest as error:
                self.answer(400, {"error": str(error)})
        else:
            self.answer(200, {"ready": True, "name": "double"} if known[2] else METADATA)

    do_GET = do_POST = respond

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()

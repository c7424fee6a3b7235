"""A chat of OpenAI's API, as benches send it, and its reply of 300 bytes."""

import json
import time
import urllib.request

from support import gateway

PATH = "/v1/chat/completions"
REPLY = json.dumps(
    {
        "id": "chatcmpl-0123456789abcdef",
        "object": "chat.completion",
        "created": 1767225600,
        "model": gateway.SERVICE,
        "choices": [
            {"index": 0, "message": {"role": "assistant", "content": "Hello, how are you?"}, "finish_reason": "stop"}
        ],
        "usage": {"prompt_tokens": 12, "completion_tokens": 8, "total_tokens": 20},
    }
)
REQUEST = json.dumps(
    {
        "model": gateway.SERVICE,
        "messages": [
            {"role": "system", "content": "You are a helpful assistant."},
            {"role": "user", "content": "Say hello and ask me how I am, in one short sentence."},
        ],
        "max_tokens": 64,
        "temperature": 0.7,
    }
)


def url(port):
    return f"http://127.0.0.1:{port}{PATH}"


def headers():
    return {"Content-Type": "application/json", **gateway.AUTHORIZATION}


def wait_for_reply(port, seconds):
    """Asks until the reply comes: who listens may not know yet where to, and its first answer may take seconds."""
    request = urllib.request.Request(url(port), REQUEST.encode(), headers())
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(request, timeout=seconds) as response:
                answer = json.load(response)
            break
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
    content = answer["choices"][0]["message"]["content"]
    if content != json.loads(REPLY)["choices"][0]["message"]["content"]:
        raise RuntimeError(f"port {port} answers {content}")

"""nginx, as the engine behind a proxy and as the proxy to compare with."""

import shutil

from support.processes import free_port

CONFIGURATION = """
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  keepalive_requests 100000000;
  {body}
}}
"""

FIXED_REPLY = """
  server {{
    listen 127.0.0.1:{port};
    location / {{ default_type application/json; return 200 '{reply}'; }}
  }}
"""

LARGE_REPLY = """
  server {{
    listen 127.0.0.1:{port};
    root {folder};
    location / {{ rewrite ^ /large break; }}
  }}
"""

PROXY = """
  upstream engine {{ server 127.0.0.1:{upstream_port}; keepalive 128; keepalive_requests 100000000; }}
  server {{
    listen 127.0.0.1:{port};
    access_log {access_log};
    location / {{
      proxy_pass http://engine;
      proxy_http_version 1.1;
      proxy_buffering {buffering};
      proxy_set_header Connection "";
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    }}
  }}
"""


def start_fixed_reply(context, reply):
    """Answers everything with `reply`, JSON without single quotes."""
    port = free_port()
    return start(context, f"reply-{port}", FIXED_REPLY.format(port=port, reply=reply), port), port


def start_large_reply(context, size):
    """Answers everything with so many bytes. Returns the port."""
    port = free_port()
    folder = context.folder / f"large-{port}"
    folder.mkdir(mode=0o755)
    (folder / "large").write_bytes(bytes(size))
    start(context, f"reply-{port}", LARGE_REPLY.format(port=port, folder=folder), port)
    return port


def start_proxy(context, upstream_port, buffering=True, access_log="off"):
    """Passes everything on to `upstream_port`, over connections that it keeps."""
    port = free_port()
    buffering = "on" if buffering else "off"
    body = PROXY.format(port=port, upstream_port=upstream_port, buffering=buffering, access_log=access_log)
    return start(context, f"proxy-{port}", body, port), port


def start(context, name, body, port):
    folder = context.folder / name
    folder.mkdir()
    # The worker runs as another user.
    context.folder.chmod(0o755)
    folder.chmod(0o777)
    configuration = folder / "nginx.conf"
    configuration.write_text(CONFIGURATION.format(folder=folder, body=body))
    nginx = shutil.which("nginx") or "/usr/sbin/nginx"
    return context.processes.start([nginx, "-p", folder, "-c", configuration], port, log=folder / "output.log")

"""How long import, start and stop of pyftpdlib take, as a line of JSON; cold/report.ts does the same for Node."""
import json
import os
import statistics
import threading
import time

TIMES = 20


def now():
    return time.perf_counter() * 1000


begin = now()
from pyftpdlib.authorizers import DummyAuthorizer  # noqa: E402
from pyftpdlib.handlers import FTPHandler  # noqa: E402
from pyftpdlib.ioloop import IOLoop  # noqa: E402
from pyftpdlib.servers import FTPServer  # noqa: E402

imported = now() - begin


class Handler(FTPHandler):
    pass


def start():
    authorizer = DummyAuthorizer()
    authorizer.add_user("user", "12345", os.environ["ROOT"], perm="elr")
    Handler.authorizer = authorizer
    return FTPServer(("127.0.0.1", 0), Handler, ioloop=IOLoop())


def started():
    begin = now()
    server = start()
    taken = now() - begin
    server.close_all()
    return taken


first = started()
following = statistics.median(started() for _ in range(TIMES))

import ftplib  # noqa: E402
import logging  # noqa: E402

logging.getLogger("pyftpdlib").setLevel(logging.CRITICAL)


def used():
    begin = now()
    server = start()
    stopping = threading.Event()

    def serve():
        while not stopping.is_set():
            server.serve_forever(timeout=0.001, blocking=False)

    thread = threading.Thread(target=serve)
    thread.start()
    client = ftplib.FTP()
    client.connect("127.0.0.1", server.address[1])
    client.login("user", "12345")
    client.retrbinary("RETR small.bin", lambda _chunk: None)
    client.quit()
    stopping.set()
    thread.join()
    server.close_all()
    return now() - begin


use = statistics.median(used() for _ in range(TIMES))
figures = {"import": imported, "cold": imported + first, "first": first, "next": following, "use": use}
print(json.dumps({"errors": 0, **figures}))

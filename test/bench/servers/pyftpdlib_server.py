"""pyftpdlib's asynchronous server: sendfile(2), as is its default, no limit of connections, no log."""
import logging
import os

from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler, ThrottledDTPHandler
from pyftpdlib.servers import FTPServer

logging.basicConfig(level=logging.CRITICAL)
authorizer = DummyAuthorizer()
authorizer.add_user("user", "12345", os.environ["ROOT"], perm="elradfmwMT")
handler = FTPHandler
if os.environ["TLS"] == "1":
    from pyftpdlib.handlers import TLS_FTPHandler

    handler = TLS_FTPHandler
    handler.certfile = os.environ["CERT"]
    handler.keyfile = os.environ["KEY"]
if os.environ.get("RATE"):
    ThrottledDTPHandler.write_limit = int(os.environ["RATE"])
    handler.dtp_handler = ThrottledDTPHandler
    # sendfile(2) goes around the throttle.
    handler.use_sendfile = False
handler.authorizer = authorizer
handler.timeout = 0
FTPServer.max_cons = 0
server = FTPServer(("127.0.0.1", 0), handler)
print(server.address[1], flush=True)
server.serve_forever(handle_exit=False)

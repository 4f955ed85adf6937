"""Tests of an FTP client, each on a lane of its own, so that they may run at once: pytest test_with_pytest.py"""
import ftplib
import io
import json
import os
from urllib.parse import quote, urlsplit
from http.client import HTTPConnection

import pytest


class Lane:
    """A part of the server that nobody else uses."""

    def __init__(self):
        self.base = ""
        self.server = self.ask("POST", "/lanes", {})
        self.base = "/lanes/" + quote(self.server["lane"], safe="")

    def ask(self, method, path, body=None):
        connection = HTTPConnection(urlsplit(os.environ["FTP_CONTROL_URL"]).netloc, timeout=10)
        headers = {"Authorization": "Bearer " + os.environ["FTP_CONTROL_TOKEN"], "Content-Type": "application/json"}
        connection.request(method, self.base + path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        value = json.loads(text) if text else None
        assert answer.status < 400, value["error"]["message"]
        return value


@pytest.fixture
def lane():
    lane = Lane()
    yield lane
    lane.ask("DELETE", "/server")


@pytest.fixture
def ftp(lane):
    server = lane.server
    with ftplib.FTP(timeout=10) as client:
        client.connect(server["host"], server["port"])
        client.login(server["username"], server["password"])
        yield client


def test_an_upload_arrives(lane, ftp):
    ftp.storbinary("STOR report.txt", io.BytesIO(b"all is well\n"))
    lane.ask("POST", "/verify", {"expectation": {"files": {"/report.txt": "all is well\n"}}})
    transfer = lane.ask("POST", "/wait", {"match": {"type": "transfer", "verb": "STOR"}})["event"]
    assert (transfer["bytes"], transfer["outcome"]) == (12, "completed")


@pytest.mark.parametrize("code", [450, 550])
def test_a_refused_upload_is_an_error(lane, ftp, code):
    lane.ask("POST", "/rules", {"when": {"command": "STOR"}, "then": {"reply": f"{code} No."}})
    with pytest.raises(ftplib.all_errors, match=str(code)):
        ftp.storbinary("STOR report.txt", io.BytesIO(b""))
    assert lane.ask("GET", "/files") == []

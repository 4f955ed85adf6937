"""Tests of an FTP client against a server of ftp-fixture: python3 -m unittest test_with_unittest.py"""
import contextlib
import ftplib
import io
import json
import os
import unittest
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

URL = os.environ["FTP_CONTROL_URL"]
TOKEN = os.environ["FTP_CONTROL_TOKEN"]


def control(method, path, body=None, raw=None):
    """Asks the control API; gives the bytes of its answer."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    if body is not None:
        headers["Content-Type"] = "application/json"
    elif raw is not None:
        headers["Content-Type"] = "application/octet-stream"
    data = raw if body is None else json.dumps(body).encode()
    try:
        with urlopen(Request(URL + path, data, headers, method=method), timeout=10) as answer:
            return answer.read()
    except HTTPError as error:
        raise AssertionError(json.load(error)["error"]["message"]) from None


def download(ftp, path):
    """The client that is tested: resumes where a transfer broke off."""
    content = io.BytesIO()
    rest = None
    while True:
        try:
            ftp.retrbinary(f"RETR {path}", content.write, rest=rest)
            return content.getvalue()
        except ConnectionResetError:
            rest = content.tell()
            # What the server says of the broken transfer is to be read still.
            with contextlib.suppress(ftplib.error_temp):
                ftp.voidresp()


class DownloadTest(unittest.TestCase):
    def setUp(self):
        control("DELETE", "/scenario")
        control("POST", "/files/reset")
        control("DELETE", "/transcript")
        self.ftp = ftplib.FTP(timeout=10)
        self.addCleanup(self.ftp.close)
        self.ftp.connect(os.environ["FTP_HOST"], int(os.environ["FTP_PORT"]))
        self.ftp.login(os.environ["FTP_USER"], os.environ["FTP_PASSWORD"])

    def test_a_file_is_fetched(self):
        control("PUT", "/file?path=" + quote("/pub/grüße.bin"), raw=b"\x00\xff")
        self.assertEqual(download(self.ftp, "/pub/grüße.bin"), b"\x00\xff")

    def test_a_download_that_is_cut_is_resumed(self):
        control("PUT", "/scenario", "abort-download-midway")
        self.assertEqual(len(download(self.ftp, "/pub/file.bin")), 64 * 1024)
        control("POST", "/verify", {})
        control("POST", "/verify", {"expectation": {"commands": ["RETR", "REST *", "RETR"]}})

    def test_what_did_not_happen_is_told(self):
        with self.assertRaisesRegex(AssertionError, "STOR did not come"):
            control("POST", "/verify", {"expectation": {"commands": ["STOR"]}})


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/env python3
"""Lists, downloads and uploads with Python's ftplib, as a careful user has it do that."""

import ftplib
import io
import os
import ssl

host, port = os.environ["FTP_HOST"], int(os.environ["FTP_PORT"])
user, password = os.environ["FTP_USER"], os.environ["FTP_PASSWORD"]
scenario = os.environ.get("FTP_SCENARIO", "")
ca_file = os.environ.get("FTP_CA_FILE")

if ca_file:
    ftp = ftplib.FTP_TLS(context=ssl.create_default_context(cafile=ca_file), timeout=5)
else:
    ftp = ftplib.FTP(timeout=5)

with ftp:
    ftp.connect(host, port)
    ftp.login(user, password)
    if ca_file:
        ftp.prot_p()
    if scenario.startswith("active-"):
        ftp.set_pasv(False)
    ftp.dir("pub")
    ftp.dir("incoming")
    content, rest = bytearray(), None
    if scenario.startswith("rest-"):
        with open(os.path.join(os.environ["FTP_ROOT"], "pub/file.bin"), "rb") as file:
            content += file.read(32768)
        rest = len(content)
    ftp.retrbinary("RETR pub/file.bin", content.extend, rest=rest)
    ftp.storbinary("STOR incoming/new.bin", io.BytesIO(bytes(131072)))

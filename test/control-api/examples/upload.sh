#!/bin/sh
# A test of curl as an FTP client: a slow upload is not given up.
set -eu

control() { # method path [curl's options]
    method=$1 path=$2
    shift 2
    curl --silent --show-error --fail-with-body --max-time 10 --request "$method" \
        --header "Authorization: Bearer $FTP_CONTROL_TOKEN" "$@" "$FTP_CONTROL_URL$path"
}

control PUT /scenario --header 'Content-Type: application/yaml' --data-binary @- <<'YAML'
name: slow-start
rules:
  - when: { command: STOR }
    then: { delay: 300ms }
expect:
  transfers: [{ path: /incoming/upload.txt, complete: true }]
YAML

printf 'from the shell\n' | curl --silent --show-error --max-time 10 --ftp-create-dirs --upload-file - "$FTP_URL/incoming/upload.txt"

control POST /verify
test "$(control GET '/file?path=/incoming/upload.txt')" = 'from the shell'
control GET /transcript --header 'Accept: text/plain' | grep 'C: STOR'
control DELETE /scenario

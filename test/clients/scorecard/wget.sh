#!/bin/sh
# Lists and downloads with wget, as a careful user has it do that. It cannot upload.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
cd "$work"

set -- --no-config --no-verbose --no-proxy --no-hsts --timeout=5 --tries=2 --waitretry=1
set -- "$@" --ftp-user="$FTP_USER" --ftp-password="$FTP_PASSWORD"
scheme=ftp
if [ -n "${FTP_CA_FILE:-}" ]; then
  scheme=ftps
  set -- "$@" --ca-certificate="$FTP_CA_FILE"
fi
case ${FTP_SCENARIO:-} in active-*) set -- "$@" --no-passive-ftp ;; esac
server=$scheme://$FTP_HOST:$FTP_PORT

wget "$@" --output-document=pub.html "$server/pub/"
wget "$@" --output-document=incoming.html "$server/incoming/"
case ${FTP_SCENARIO:-} in rest-*) head -c 32768 "$FTP_ROOT/pub/file.bin" > file.bin ;; esac
wget "$@" --continue "$server/pub/file.bin"

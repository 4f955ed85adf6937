#!/bin/sh
# Lists, downloads and uploads with curl, as a careful user has it do that.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
cd "$work"
head -c 131072 /dev/zero > new.bin

set -- --disable --silent --show-error --fail --noproxy '*' --user "$FTP_USER:$FTP_PASSWORD"
set -- "$@" --connect-timeout 5 --max-time 8 --speed-limit 1 --speed-time 5
[ -z "${FTP_CA_FILE:-}" ] || set -- "$@" --ssl-reqd --cacert "$FTP_CA_FILE"
case ${FTP_SCENARIO:-} in active-*) set -- "$@" --ftp-port - ;; esac
server=ftp://$FTP_HOST:$FTP_PORT

curl "$@" "$server/pub/"
curl "$@" "$server/incoming/"
case ${FTP_SCENARIO:-} in rest-*) head -c 32768 "$FTP_ROOT/pub/file.bin" > file.bin ;; esac
curl "$@" --remote-time --continue-at - --output file.bin "$server/pub/file.bin"
curl "$@" --upload-file new.bin "$server/incoming/"

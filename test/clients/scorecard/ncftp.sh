#!/bin/sh
# Lists, downloads and uploads with the tools of ncftp, as a careful user has them do that. They know no TLS.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
cd "$work"
export HOME="$work"
head -c 131072 /dev/zero > new.bin

set -- -u "$FTP_USER" -p "$FTP_PASSWORD" -P "$FTP_PORT" -t 5 -r 1
case ${FTP_SCENARIO:-} in active-*) set -- "$@" -E ;; esac

ncftpls "$@" -l "ftp://$FTP_HOST/pub/"
ncftpls "$@" -l "ftp://$FTP_HOST/incoming/"
case ${FTP_SCENARIO:-} in rest-*) head -c 32768 "$FTP_ROOT/pub/file.bin" > file.bin ;; esac
ncftpget "$@" -V -z "$FTP_HOST" . pub/file.bin
ncftpput "$@" -V "$FTP_HOST" incoming new.bin

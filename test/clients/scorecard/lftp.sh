#!/bin/sh
# Lists, downloads and uploads with lftp, as a careful user has it do that.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
cd "$work"
export LFTP_HOME="$work"
head -c 131072 /dev/zero > new.bin

settings='set cmd:fail-exit yes; set net:timeout 5; set net:max-retries 2; set net:reconnect-interval-base 1'
if [ -n "${FTP_CA_FILE:-}" ]; then
  settings="$settings; set ssl:ca-file $FTP_CA_FILE; set ftp:ssl-force yes; set ftp:ssl-protect-data yes"
fi
case ${FTP_SCENARIO:-} in active-*) settings="$settings; set ftp:passive-mode no" ;; esac

case ${FTP_SCENARIO:-} in rest-*) head -c 32768 "$FTP_ROOT/pub/file.bin" > file.bin ;; esac
lftp --norc -c "$settings
  open -u $FTP_USER,$FTP_PASSWORD -p $FTP_PORT ftp://$FTP_HOST
  ls pub
  ls incoming
  get -c pub/file.bin -o file.bin
  put new.bin -o incoming/new.bin"

#!/bin/sh
# Lists, downloads and uploads with tnftp, as a careful user has it do that. It knows no TLS.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
cd "$work"
export HOME="$work"
head -c 131072 /dev/zero > new.bin

set -- -i -V -q 5
case ${FTP_SCENARIO:-} in active-*) set -- "$@" -A ;; esac
server=ftp://$FTP_USER:$FTP_PASSWORD@$FTP_HOST:$FTP_PORT

# A session of several commands ends with 0 whatever became of them: the listing tells.
tnftp "$@" -n "$FTP_HOST" "$FTP_PORT" <<END
user $FTP_USER $FTP_PASSWORD
ls pub listing
ls incoming -
bye
END
cat listing
case ${FTP_SCENARIO:-} in
  rest-*)
    head -c 32768 "$FTP_ROOT/pub/file.bin" > file.bin
    set -- "$@" -R
    ;;
esac
tnftp "$@" -o file.bin "$server/pub/file.bin"
tnftp "$@" -u "$server/incoming/" new.bin

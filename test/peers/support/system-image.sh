#!/bin/sh
# system-image.sh ROOT OUT: puts a torture tree into the Debian in ROOT, makes of it OUT/system.tar.zst, and of a few of
# its programs OUT/app.tar.zst, for containers of one command.
set -eu
umask 022
root=$1
out=$2

pack() { # FOLDER FILE
  tar -C "$1" --format=pax --numeric-owner --xattrs --xattrs-include='*' --acls --sparse --sort=name \
    --pax-option=delete=atime,delete=ctime -cf - . | zstd -q -3 -T0 -o "$2"
}

mkdir "$root/srv/torture"
cd "$root/srv/torture"
echo linked >first
ln first second
ln first third
mkfifo -m 0640 pipe
cp "$root/bin/ping" ping
setcap cap_net_raw+ep ping
cp "$root/bin/true" setuid
chmod 4755 setuid
echo acl >acl
setfacl -m u:1234:rw,g:4321:r acl
mkdir acl-default
setfacl -m d:u:1234:rwx,d:g:4321:rx acl-default
echo xattr >xattr
setfattr -n user.ingot -v 0x00ff0a3d20 xattr
setfattr -n user.empty xattr
mkdir -m 1777 sticky
mkdir -m 2775 setgid
truncate -s 8M sparse
printf middle | dd of=sparse bs=1 seek=4194304 conv=notrunc status=none
truncate -s 1M only-holes
echo bytes >"$(printf 'latin1-\351\377')"
echo newline >"$(printf 'new\nline')"
echo utf8 >"$(printf '\346\261\211\345\255\227 \360\237\247\261')"
long=$(printf '%0120d' 7)
mkdir -p "$long/$long"
echo long >"$long/$long/$long"
ln -s "$long/$long/$long" long-target
ln -s /nowhere/at/all dangling
mknod -m 0640 char c 1 3
mknod -m 0660 block b 7 200
echo nobody >nobody
chown 65534:65534 nobody
: >empty
echo exactly >time
touch -d '2001-02-03 04:05:06.123456789 UTC' time
touch -h -d '2002-02-03 04:05:06.333222111 UTC' dangling
pack "$root" "$out/system.tar.zst"

# The second image: a shell and what it takes to make and look at files.
app=$root/app
mkdir -p "$app/usr/bin" "$app/tmp" "$app/proc" "$app/sys" "$app/dev"
chmod 1777 "$app/tmp"
programs='sh cat ls rm mkdir ln chmod chown cp mv stat touch sleep sha256sum find getcap setcap getfattr setfattr mknod'
paths=$(for name in $programs; do chroot "$root" which "$name"; done)
libraries=$(for path in $paths; do chroot "$root" ldd "$path"; done | grep -o '/lib[^ ]*' | sort -u)
inside=$(for path in $paths $libraries; do echo "$path" | sed 's,^/\(usr/\)*,usr/,'; done)
cd "$root"
tar --sparse --xattrs --xattrs-include='*' -cf - bin sbin lib lib64 etc/passwd etc/group etc/os-release usr/lib/os-release \
  srv/torture | tar -C "$app" --xattrs --xattrs-include='*' -xf -
# shellcheck disable=SC2086
tar --dereference --hard-dereference -cf - $inside | tar -C "$app" -xf -
echo big >"$app/srv/torture/big-ids"
chown 3000000000:2097157 "$app/srv/torture/big-ids"
pack "$app" "$out/app.tar.zst"

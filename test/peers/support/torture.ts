/** A script for sh that tells what became of `/srv/torture` in a running container. */
export const tortureScript = `
cd /srv/torture
stat -c '%n: %F %a %u:%g %h links' first second third pipe setuid nobody acl ping empty
stat -c '%n: %s bytes' sparse only-holes
stat -c '%n: %F %a' sticky setgid acl-default
stat -c '%n: %F %a %t:%T' char block
stat -c '%n: %Y' time dangling
getcap ping
getfattr -d -m '^user[.]' -e hex xattr
sha256sum sparse only-holes
[ "$(stat -c %b sparse)" -lt 2048 ] && [ "$(stat -c %b only-holes)" -lt 64 ] && echo holes
cat "$(printf 'latin1-\\351\\377')" "$(printf 'new\\nline')" "$(printf '\\346\\261\\211\\345\\255\\227 \\360\\237\\247\\261')" long-target
`.trim()

/** What it prints, less the lines of what a peer is known to lose. */
export function tortureReport(...lost: readonly string[]): string {
  return report
    .split('\n')
    .filter((line) => !lost.includes(line))
    .join('\n')
}

const report = `
first: regular file 644 0:0 3 links
second: regular file 644 0:0 3 links
third: regular file 644 0:0 3 links
pipe: fifo 640 0:0 1 links
setuid: regular file 4755 0:0 1 links
nobody: regular file 644 65534:65534 1 links
acl: regular file 664 0:0 1 links
ping: regular file 755 0:0 1 links
empty: regular empty file 644 0:0 1 links
sparse: 8388608 bytes
only-holes: 1048576 bytes
sticky: directory 1777
setgid: directory 2775
acl-default: directory 755
char: character special file 640 1:3
block: block special file 660 7:c8
time: 981173106
dangling: 1012709106
ping cap_net_raw=ep
# file: xattr
user.empty=0x
user.ingot=0x00ff0a3d20

04cab14158d402b149040082adde76561c2d551ffb431e842159b78ebe809d55  sparse
30e14955ebf1352266dc2ff8067e68104607e750abb9d3b36582b8af909fcb58  only-holes
holes
bytes
newline
utf8
long
`.trim()

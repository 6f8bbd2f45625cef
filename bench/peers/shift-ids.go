// The peer of `ingot pack --shift-ids`: reads a tar on standard input, takes 100000 from every owner, writes it on standard output.
package main

import (
	"archive/tar"
	"errors"
	"io"
	"log"
	"os"
)

const shift = 100000

func main() {
	in, out := tar.NewReader(os.Stdin), tar.NewWriter(os.Stdout)
	for {
		header, err := in.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		check(err)
		header.Uid -= shift
		header.Gid -= shift
		check(out.WriteHeader(header))
		if header.Typeflag == tar.TypeReg {
			_, err = io.Copy(out, in)
			check(err)
		}
	}
	check(out.Close())
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

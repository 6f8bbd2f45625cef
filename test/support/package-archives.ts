/** Steps that fill a Debian root with other distributions' package managers, and /srv with small archives for them. */
export const packageArchives = `
  - packages: [dnf, rpm, createrepo-c, pacman-package-manager, makepkg, zypper, libarchive-tools]
  - run: |
      mkdir -p /srv/rpm /srv/pacman /tmp/work
      cd /tmp/work
      rpm_of() {
        cat > $1.spec <<END
      Name: $1
      Version: 1.2
      Release: 3
      Summary: The package $1
      License: MIT
      URL: https://example.org/$1
      BuildArch: noarch
      $2
      %description
      $1.
      %install
      mkdir -p %{buildroot}/opt
      echo $1 > %{buildroot}/opt/$1
      %files
      /opt/$1
      END
        rpmbuild -bb --quiet -D "_topdir $PWD" -D "_rpmdir /srv/rpm" -D "__os_install_post %{nil}" $1.spec
      }
      rpm_of Tool_One "Requires: needed
      Recommends: weak"
      rpm_of needed
      rpm_of weak
      rpm_of other
      createrepo_c -q /srv/rpm
      pacman_of() {
        rm -rf tree && mkdir -p tree/opt && echo $1 > tree/opt/$1
        printf '%s\\n' "pkgname = $1" "pkgbase = $1" "pkgver = 1.2-3" "pkgdesc = The package $1" "url = https://example.org/$1" \\
          "size = 4096" "arch = any" "license = MIT" "packager = Somebody <a@b>" \${2:+"depend = $2"} > tree/.PKGINFO
        (cd tree && bsdtar -cf - .PKGINFO opt) | gzip -n > /srv/pacman/$1-1.2-3-any.pkg.tar.gz
      }
      pacman_of tool_one needed
      pacman_of needed
      pacman_of other
      repo-add -q /srv/pacman/lab.db.tar.gz /srv/pacman/*.pkg.tar.gz
`

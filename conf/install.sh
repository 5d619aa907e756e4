#!/bin/sh
# Installs Lookout into Debian's nginx: conf/install.sh MODULE SEEDER [DESTDIR]. As root.
#
# Files of an earlier install are replaced, but for the two that operators edit (the locations
# and the http part): there a new one is put beside, as *.dist. nginx is left running as it is.

set -eu

module=$1
seeder=$2
dest=${3:-${DESTDIR:-}}
here=$(cd "$(dirname "$0")" && pwd)

put() { # FILE TARGET: an edited target is kept
    if [ -e "$dest$2" ] && ! cmp -s "$1" "$dest$2"; then
        install -D -m 644 "$1" "$dest$2.dist"
        echo "  $2 is kept; the new one is $2.dist"
    else
        install -D -m 644 "$1" "$dest$2"
        echo "  $2"
    fi
}

installed=$dest/usr/lib/nginx/modules/ngx_lookout_module.so
apply='nginx -t && nginx -s reload'
if [ -e "$installed" ] && ! cmp -s "$module" "$installed"; then
    apply='nginx -t && systemctl restart nginx    (a reload would go on with the module that it has)'
fi

install -D -m 644 "$module" "$installed"
install -D -m 755 "$seeder" "$dest/usr/bin/lookout-seed"
install -D -m 644 "$here/lookout_main.conf" \
    "$dest/usr/share/nginx/modules-available/mod-lookout.conf"
install -d -m 755 "$dest/etc/nginx/modules-enabled" "$dest/var/lib/lookout"
ln -sf /usr/share/nginx/modules-available/mod-lookout.conf \
    "$dest/etc/nginx/modules-enabled/60-mod-lookout.conf"
echo "Installed:"
echo "  /usr/lib/nginx/modules/ngx_lookout_module.so"
echo "  /usr/bin/lookout-seed"
echo "  /etc/nginx/modules-enabled/60-mod-lookout.conf"
put "$here/lookout_http.conf" /etc/nginx/conf.d/lookout.conf
put "$here/lookout.conf" /etc/nginx/snippets/lookout.conf

cat <<TEXT

Next:
  1. A catalogue:  lookout-seed DIRECTORY-WITH-CSV-FILES /var/lib/lookout
  2. In a server{} of yours:  include snippets/lookout.conf;
  3. $apply
  4. Scoped servers:  make server NAME=... URL=https://YOUR-HOST/servers VIA=127.0.0.1 \\
                          KEY_FILE=/etc/nginx/lookout_admin.key
TEXT

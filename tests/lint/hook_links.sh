#!/bin/sh
# SPDX-License-Identifier: MIT
# What mcp-push-hook is linked with: no HTTP, TLS, D-Bus or crypto library, and nothing shared at all in a release.
#
#   tests/lint/hook_links.sh HOOK [static]
set -eu
hook=$1
wanted=${2:-}
needed=$(readelf -d "$hook" 2>/dev/null | sed -n 's/.*(NEEDED).*\[\(.*\)\].*/\1/p')
interpreter=$(readelf -l "$hook" | sed -n 's/.*program interpreter: \(.*\)\]/\1/p')
status=0
for library in $needed; do
    case $library in
    *curl* | *ssl* | *crypto* | *dbus* | *gnutls* | *nghttp* | *ldap* | *krb5* | *md4c* | *event* | *python*)
        echo "$hook links $library, which costs every hook call its time"
        status=1
        ;;
    esac
done
# What is linked statically shows in the names of its functions.
names=$(nm -C "$hook" 2>/dev/null | grep -oE ' [TtWw] (curl_(easy|multi)_init|SSL_new|EVP_DigestInit_ex|dbus_bus_get|md_parse)$' || true)
if [ -n "$names" ]; then
    echo "$hook holds code that it never needs:"
    echo "$names"
    status=1
fi
if [ "$wanted" = static ] && [ -n "$interpreter$needed" ]; then
    echo "$hook is not static: it asks for $interpreter $(echo "$needed" | tr "\n" " ")"
    status=1
fi
[ $status -ne 0 ] || echo "$hook: $(echo "$needed" | grep -c . || true) shared libraries, none of them for the network"
exit $status

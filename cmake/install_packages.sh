#!/bin/sh
# Installs what is missing of packages.txt: sh install_packages.sh NEED..., where NEED is run, test or optional.
# Uses no network when nothing is missing. A missing optional package costs one line; another one ends with status 4.
# QEVAL_INSTALL=no installs nothing and only reports.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
wanted=" $* "

present() { # package probe
    case $2 in
    *.h | *.hpp)
        for folder in /usr/include /usr/local/include "/usr/include/$(uname -m)-linux-gnu"; do
            if [ -e "$folder/$2" ]; then return 0; fi
        done
        # Catch2 3 moved its headers.
        [ "$1" = catch2 ] && [ -e /usr/include/catch2/catch_all.hpp ]
        ;;
    *) command -v "$2" >/dev/null 2>&1 ;;
    esac
}

missing() { # need... -> package names
    while read -r package probe need _; do
        case $package in '' | '#'*) continue ;; esac
        case " $* " in *" $need "*) present "$package" "$probe" || printf '%s ' "$package" ;; esac
    done <"$here/packages.txt"
}

# shellcheck disable=SC2086 # the lists are words without blanks
needed=$(missing $wanted)
if [ -n "$needed" ] && [ "${QEVAL_INSTALL:-yes}" != no ]; then
    if ! command -v apt-get >/dev/null 2>&1; then
        echo "qeval: no apt-get here; please install by other means: $needed" >&2
    else
        become=
        if [ "$(id -u)" != 0 ]; then become='sudo -n'; fi
        if [ -n "$become" ] && ! sudo -n true 2>/dev/null; then
            echo "qeval: neither root nor sudo; please install: $needed" >&2
        else
            echo "qeval: installing $needed" >&2
            get="$become env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Acquire::Retries=1 -o Acquire::http::Timeout=20"
            log=$(mktemp)
            # shellcheck disable=SC2086
            { $get update && $get install -y --no-install-recommends $needed; } >"$log" 2>&1 ||
                for package in $needed; do # one that does not exist must not keep the others away
                    $get install -y --no-install-recommends "$package" >>"$log" 2>&1 ||
                        echo "qeval: apt-get could not install $package: $(grep '^E:' "$log" | tail -n 1)" >&2
                done
            rm -f "$log"
        fi
    fi
fi

status=0
while read -r package probe need lost; do
    case $package in '' | '#'*) continue ;; esac
    case $wanted in *" $need "*) ;; *) continue ;; esac
    if present "$package" "$probe"; then continue; fi
    if [ "$need" = optional ]; then
        echo "qeval: optional package $package is missing: $lost" >&2
    else
        echo "qeval: package $package is missing: $lost" >&2
        status=4
    fi
done <"$here/packages.txt"
exit $status

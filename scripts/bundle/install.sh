#!/bin/sh
# Installs what lies beside it; see README.txt. PYTHON=/path/to/python sh install.sh takes another Python.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
wanted=$(sed -n 's/^python=//p' "$here/bundle.txt")
for python in ${PYTHON:-"python$wanted" python3 python}; do
    if command -v "$python" >/dev/null 2>&1; then
        exec "$python" "$here/install.py" "$@"
    fi
done
echo "Python $wanted is not installed. / Python $wanted belum terpasang." >&2
exit 1

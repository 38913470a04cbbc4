#!/bin/sh
# Double-click (macOS) or run with the folder or workbook of an instance: it is planned, and the page of the plan opens.
# Klik ganda (macOS) atau jalankan dengan folder atau buku kerja: rencana dibuat, lalu halamannya terbuka.
here=$(cd "$(dirname "$0")" && pwd)
for python in ${PYTHON:-python3.13 python3.12 python3.11 python3 python}; do
    if command -v "$python" >/dev/null 2>&1; then
        exec "$python" "$here/scripts/run.py" drop "$@"
    fi
done
echo "Python is not installed: get it from python.org." >&2
echo "Python belum terpasang: unduh dari python.org." >&2
exit 1

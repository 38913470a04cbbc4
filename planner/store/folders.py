"""Folders in which no database file is safe: on a network, or copied by a service behind one's back."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

__all__ = ["unfit"]

_NETWORK = re.compile(
    r"nfs\d?|cifs|smbfs|smb[23]|afpfs|afs|ceph|glusterfs|lustre|ncpfs|coda|davfs|webdav"
    r"|fuse\.(sshfs|rclone|davfs|glusterfs|s3fs|gvfsd-fuse|curlftpfs|onedriver|google-drive-ocamlfuse)"
)
_SERVICES = {  # folders by whose names services that synchronise are known, on all systems
    "OneDrive": r"onedrive( ?- .*)?|onedrive-.*",
    "Dropbox": r"dropbox( \(.*\))?",
    "Google Drive": r"google ?drive.*|googledrive-.*|my drive|drivefs",
    "iCloud": r"mobile documents|com~apple~clouddocs|icloud ?drive|iclouddrive",
    "Box": r"box sync|box-box|box",
    "Nextcloud": r"nextcloud",
    "ownCloud": r"owncloud",
    "Syncthing": r"syncthing",
    "pCloud": r"pcloud ?drive|pclouddrive",
    "CloudStorage": r"cloudstorage",
}
_MARKS = {
    ".stfolder": "Syncthing",
    ".dropbox": "Dropbox",
    ".owncloudsync.log": "Nextcloud",
    ".sync": "Resilio Sync",
}
_ROOTS = ("OneDrive", "OneDriveConsumer", "OneDriveCommercial")  # variables that Windows sets
_REMOTE = 4  # DRIVE_REMOTE of GetDriveTypeW


def unfit(folder: Path, *, mounts: str | None = None, environ: Mapping[str, str] | None = None) -> str:
    """What a folder lies on that no store may lie on, by its name; empty: nothing of the kind.

    Parameters
    ----------
    folder
        It need not be there yet.
    mounts
        Text of ``/proc/self/mounts``; None: this machine's.
    environ
        Variables of the environment; None: this process's.
    """
    if str(folder).replace("/", "\\").startswith("\\\\"):
        return "UNC"
    path = Path(os.path.realpath(folder))
    if str(path).replace("/", "\\").startswith("\\\\") and not str(path).startswith("\\\\?\\"):
        return "UNC"
    return _drive(path) or _mounted(path, mounts) or _synchronised(path, environ)


def _drive(path: Path) -> str:
    """A drive of Windows that is mapped to a server."""
    if sys.platform == "win32":
        import ctypes

        if ctypes.windll.kernel32.GetDriveTypeW(path.drive + "\\") == _REMOTE:
            return path.drive
    return ""


def _mounted(path: Path, mounts: str | None) -> str:
    """The kind of a network's file system on which a folder lies."""
    best, kind = "", ""
    for line in (_mounts() if mounts is None else mounts).splitlines():
        cells = line.split()
        if len(cells) < 3:
            continue
        where = re.sub(r"\\(\d{3})", lambda match: chr(int(match[1], 8)), cells[1])
        inside = str(path) == where or str(path).startswith(where.rstrip("/") + "/")
        if inside and len(where) >= len(best):
            best, kind = where, cells[2]
    return kind if _NETWORK.fullmatch(kind) else ""


def _mounts() -> str:
    """What is mounted here, as lines of device, place and kind."""
    try:
        return Path("/proc/self/mounts").read_text("utf-8", "surrogateescape")
    except OSError:
        return _mounts_of_mac() if sys.platform == "darwin" else ""


def _mounts_of_mac() -> str:
    import subprocess

    told = subprocess.run(["/sbin/mount"], check=False, capture_output=True, text=True).stdout
    found = re.findall(r"^(.*?) on (.*) \((\w+)", told, re.MULTILINE)
    return "\n".join(" ".join(one.replace(" ", "\\040") for one in line) for line in found)


def _synchronised(path: Path, environ: Mapping[str, str] | None) -> str:
    """The service that copies a folder to and fro."""
    variables = os.environ if environ is None else environ
    for name in _ROOTS:
        root = variables.get(name)
        if root and Path(os.path.realpath(root)) in (path, *path.parents):
            return "OneDrive"
    for one in (path, *path.parents):
        for service, pattern in _SERVICES.items():
            if re.fullmatch(pattern, one.name.casefold()):
                return service
        for mark, service in _MARKS.items():
            if (one / mark).exists():
                return service
    return ""

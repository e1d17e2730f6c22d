"""Base images for the demo and the tests: from a registry where one is reachable, else made on this machine."""

import io
import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import docker
import requests

from house.engine import connect
from house.installation import ROOT
from house.steps import Stop, run, step

UPSTREAM = "python:3.11-slim"
DEMO = "keelway-demo/python:3.11"
TEST_PYTHON = "keelway-test/python:latest"
TEST_BUSYBOX = "keelway-test/busybox:latest"

_LABEL = "LABEL io.keelway.base=made"
_PATH = "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_SUITE = "bookworm"
_PACKAGES = "python3,python-is-python3,git,ca-certificates"
_MIRROR = "http://deb.debian.org/debian"


def cache(var: Path) -> Path:
    """Where what takes long to make is kept; KEELWAY_IMAGE_CACHE lets several installations share it."""
    folder = Path(os.environ.get("KEELWAY_IMAGE_CACHE") or var / "cache" / "images").absolute()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def ensure_demo(var: Path, log: Path) -> None:
    """DEMO, an image with Python, is on the engine afterwards."""
    with step("Demo base image") as note:
        client = connect()
        if _has(client, DEMO):
            note.text = f"{DEMO}, already there"
        elif _registry_answers():
            repository, tag = DEMO.split(":")
            client.images.pull(UPSTREAM).tag(repository, tag)
            note.text = f"{DEMO}, pulled as {UPSTREAM}"
        else:
            _import_debian(client, DEMO, cache(var), log)
            note.text = f"{DEMO}, made from Debian packages as no registry answers"
        client.close()


def ensure_test(var: Path, log: Path) -> None:
    """TEST_BUSYBOX and TEST_PYTHON are on the engine afterwards. Never pulled: tests want the same image everywhere."""
    with step("Test images") as note:
        client = connect()
        if not _has(client, TEST_BUSYBOX):
            repository, tag = TEST_BUSYBOX.split(":")
            client.api.import_image_from_data(_busybox(), repository, tag, changes=[_LABEL, _PATH])
        if not _has(client, TEST_PYTHON):
            _import_debian(client, TEST_PYTHON, cache(var), log)
        note.text = f"{TEST_BUSYBOX} {TEST_PYTHON}"
        client.close()


def _has(client: docker.DockerClient, image: str) -> bool:
    try:
        client.images.get(image)
    except docker.errors.ImageNotFound:
        return False
    return True


def _registry_answers() -> bool:
    """Asks for the manifest only, so that a machine without a network is told apart in seconds."""
    client = connect(timeout=15)
    try:
        client.api.inspect_distribution(UPSTREAM)
    except (docker.errors.DockerException, requests.RequestException):
        return False
    finally:
        client.close()
    return True


def _import_debian(client: docker.DockerClient, image: str, cache: Path, log: Path) -> None:
    tarball = cache / f"{_SUITE}-python.tar"
    if not tarball.exists():
        _make_debian(tarball, log)
    repository, tag = image.split(":")
    try:
        client.api.import_image_from_file(str(tarball), repository, tag, changes=[_LABEL, _PATH])
    except docker.errors.APIError as error:
        raise Stop(
            f"The engine did not take {tarball} as an image: {error.explanation}", "Delete it and try again."
        ) from error


def _make_debian(tarball: Path, log: Path) -> None:
    """A minimal Debian with Python and Git, in one file that appears whole or not at all."""
    root = [] if os.geteuid() == 0 else ["sudo"]  # for the owners of its files
    if not shutil.which("mmdebstrap"):
        _install_mmdebstrap(log)
    unfinished = tarball.with_suffix(f".{os.getpid()}.tar")
    argv = ["mmdebstrap", "--mode=root", "--variant=apt", f"--include={_PACKAGES}", "--dpkgopt=force-unsafe-io"]
    argv += [f"--dpkgopt=path-exclude=/usr/share/{folder}/*" for folder in ("doc", "man", "locale")]
    argv += ["--skip=output/dev", _SUITE, str(unfinished), _MIRROR]
    try:
        run([*root, *argv], log=log, remedy=f"Is {_MIRROR} reachable? Or give it a registry to pull {UPSTREAM} from.")
        unfinished.rename(tarball)
    finally:
        unfinished.unlink(missing_ok=True)


def _install_mmdebstrap(log: Path) -> None:
    """By the same function that bin/up began with: it names the packages first, and honours --no-install."""
    script = ". bin/lib/say.sh; . bin/lib/packages.sh; need_for_images; install_missing"
    if subprocess.run(["bash", "-c", script], cwd=ROOT, env={**os.environ, "setup_log": str(log)}).returncode:
        raise Stop("No base image: no registry answers, and mmdebstrap is not installed.", "Install mmdebstrap.")


def _busybox() -> bytes:
    """A tar archive of an image that holds a static busybox and its names."""
    program = shutil.which("busybox")
    if not program:
        raise Stop("There is no busybox to make the test image of.", "Run: apt-get install busybox-static")
    names = subprocess.run([program, "--list"], capture_output=True, text=True, check=True).stdout.split()
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for folder in ("bin", "etc", "root", "tmp", "var"):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o1777 if folder == "tmp" else 0o755
            tar.addfile(entry)
        binary = Path(program).read_bytes()
        entry = tarfile.TarInfo("bin/busybox")
        entry.size, entry.mode = len(binary), 0o755
        tar.addfile(entry, io.BytesIO(binary))
        for name in names:
            if name != "busybox":
                link = tarfile.TarInfo(f"bin/{name}")
                link.type, link.linkname = tarfile.SYMTYPE, "busybox"
                tar.addfile(link)
        users = b"root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n"
        entry = tarfile.TarInfo("etc/passwd")
        entry.size = len(users)
        tar.addfile(entry, io.BytesIO(users))
    return packed.getvalue()

"""Chromium without a window, spoken to through a pipe (`--remote-debugging-pipe`).

No package, no port.
"""

import base64
import json
import os
import select
import shutil
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

FLAGS = [
    "--headless",
    "--remote-debugging-pipe",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-extensions",
]
SECONDS = 120

CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="needs chromium (Debian's package), which is absent here"
)


@contextmanager
def browsing(program, profile: Path):
    """Start a browser; it is gone when the block ends."""
    its_in, our_out = os.pipe()
    our_in, its_out = os.pipe()
    # Moved out of the way first: 3 and 4 may be among the four.
    high = [os.dup(fd) for fd in (its_in, its_out)]
    actions = [(os.POSIX_SPAWN_DUP2, high[0], 3), (os.POSIX_SPAWN_DUP2, high[1], 4)]
    log = str(profile / "browser.log")
    actions += [
        (os.POSIX_SPAWN_OPEN, fd, log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        for fd in (1, 2)
    ]
    words = [program, *FLAGS, f"--user-data-dir={profile}", "about:blank"]
    process = os.posix_spawn(program, words, dict(os.environ), file_actions=actions)
    for fd in (its_in, its_out, *high):
        os.close(fd)
    browser = Browser(our_in, our_out)
    try:
        yield browser
    finally:
        with suppress(OSError, TimeoutError):
            browser.call("Browser.close", session=None)
        os.waitpid(process, 0)
        os.close(our_in)
        os.close(our_out)


class Browser:
    """One page of a browser."""

    def __init__(self, read, write):
        self._read, self._write = read, write
        self._rest = b""
        self._number = 0
        self._session = None
        self.events = []

    def call(self, method, session="page", **parameters):
        """Ask for something and return the answer; what happens meanwhile joins the events."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if session and self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        number = self._number
        while True:
            answer = self._next()
            if answer.get("id") == number:
                assert "error" not in answer, answer["error"]
                return answer["result"]
            self.events.append(answer)

    def _next(self):
        deadline = time.monotonic() + SECONDS
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._read], [], [], max(0, deadline - time.monotonic()))
            chunk = os.read(self._read, 1 << 20) if ready else b""
            if not chunk:
                message = "the browser does not answer"
                raise TimeoutError(message)
            self._rest += chunk
        text, _, self._rest = self._rest.partition(b"\0")
        return json.loads(text)

    def open(self, path: Path, *, width=1200, height=900, dark=False, media=""):
        """Open a file as a new page, and wait until it is loaded."""
        target = self.call("Target.createTarget", session=None, url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", session=None, targetId=target, flatten=True)
        self._session = attached["sessionId"]
        self.events.clear()
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")
        self.media(dark=dark, media=media)
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        self.call("Page.navigate", url=path.as_uri())
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self._next())
        # Two frames, so that what watches the size of the page has run.
        self.evaluate(
            "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))"
        )

    def media(self, *, dark=False, media=""):
        """Pretend to be dark, or a printer."""
        features = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.call("Emulation.setEmulatedMedia", media=media, features=features)

    def evaluate(self, expression):
        """Return the value of an expression of JavaScript."""
        answer = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def press(self, key, code=0, text=""):
        """Press and release a key."""
        for kind in ("keyDown", "keyUp"):
            named = {"key": key, "code": key, "windowsVirtualKeyCode": code}
            self.call(
                "Input.dispatchKeyEvent",
                type=kind,
                **named,
                **({"text": text} if kind == "keyDown" else {}),
            )

    def point(self, x, y):
        """Move the mouse."""
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def click(self, x, y):
        """Press and release the left button."""
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def complaints(self):
        """Return errors and warnings of the page."""
        self.evaluate("1")
        kinds = ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded")
        return [event["params"] for event in self.events if event.get("method") in kinds]

    def requests(self):
        """Return the addresses that the page asked for."""
        sent = [
            event for event in self.events if event.get("method") == "Network.requestWillBeSent"
        ]
        return [event["params"]["request"]["url"] for event in sent]

    def screenshot(self, path: Path, *, whole=True):
        """Write what is seen."""
        path.write_bytes(
            base64.b64decode(
                self.call("Page.captureScreenshot", captureBeyondViewport=whole, format="png")[
                    "data"
                ]
            )
        )

    def pdf(self, path: Path):
        """Print."""
        path.write_bytes(
            base64.b64decode(self.call("Page.printToPDF", printBackground=False)["data"])
        )

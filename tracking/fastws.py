"""The short way in for terminals' messages: plain frames go past uvicorn's parser and past ASGI's queue.

uvicorn's own protocol, on the sans-I/O parser of `websockets`, keeps all that is not a plain message: the
upgrade, pings, fragments, closing, and every byte that breaks the rules. This class only finds where frames
end. Once the application has attached a taker, a complete, unfragmented, masked frame of text or bytes is
unmasked here and handed over within `data_received`; every other frame goes to the stock parser whole. So the
stock parser never waits inside a frame, but for one that it is about to refuse.

Source: RFC 6455, section 5.2.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, Final, cast

import structlog
import uvicorn
from starlette.websockets import WebSocket
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import CloseCode
from websockets.http11 import Request
from websockets.speedups import apply_mask

logger = structlog.get_logger(__name__)
EXTENSION: Final = "carevan.fast"
"""Where the application finds the protocol object: `scope["extensions"][EXTENSION]`."""
TESTED_WITH: Final = "0.54."
"""The uvicorn whose insides this class was proved against; another one gets the stock protocol."""
_TEXT, _BYTES, _CLOSE = 0x81, 0x82, 0x88
# First bytes: reserved bits are 0, a control frame is whole.
_CONTROL: Final = frozenset((_CLOSE, 0x89, 0x8A))
_BEGUN: Final = frozenset((_TEXT, _BYTES, 0x01, 0x02))
_CONTINUED: Final = frozenset((0x00, 0x80))


def protocol_class(*, fast: bool) -> type[WebSocketsSansIOProtocol]:
    """What uvicorn should be given as `ws`: the short way where it is wanted and proved, else the stock."""
    if fast and not uvicorn.__version__.startswith(TESTED_WITH):
        logger.warning("the short way for terminals is off: this uvicorn is not the one it was tested with",
                       found=uvicorn.__version__, tested=TESTED_WITH)  # fmt: skip
        return WebSocketsSansIOProtocol
    return FastWS if fast else WebSocketsSansIOProtocol


def door_of(ws: WebSocket) -> FastWS | None:
    """The protocol object behind an accepted WebSocket, where it is of this class."""
    found = ws.scope.get("extensions", {}).get(EXTENSION)
    return found if isinstance(found, FastWS) else None


class FastWS(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket protocol with a short way for plain messages."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._taker: Callable[[bytes], None] | None = None
        self._on_writable: Callable[[], None] | None = None
        self._rest = bytearray()
        self._need = 2
        self._waiting: deque[bytes] = deque()
        self._held = False
        self._fragmented = False
        self._past_cutting = False

    def handle_connect(self, event: Request) -> None:
        """Let the application find this object."""
        super().handle_connect(event)
        if hasattr(self, "scope"):
            cast(dict[str, Any], self.scope["extensions"])[EXTENSION] = self

    def attach(self, taker: Callable[[bytes], None], on_writable: Callable[[], None]) -> None:
        """From now on give every message to `taker`, those first that wait in ASGI's queue.

        Parameters
        ----------
        taker : called within the event loop; must neither block nor raise; may `hold`
        on_writable : called when the socket takes bytes again
        """
        self._taker, self._on_writable = taker, on_writable
        others = []
        while not self.queue.empty():
            event = self.queue.get_nowait()
            if event["type"] == "websocket.receive":
                text = event.get("text")
                self._waiting.append(text.encode() if text is not None else event.get("bytes") or b"")
            else:
                others.append(event)
        for event in others:
            self.queue.put_nowait(event)
        self.read_paused = False
        self._held = True
        self.release()

    def detach(self) -> None:
        """Give messages to ASGI's queue again, or to nobody once the application has closed."""
        self._taker = self._on_writable = None
        self._waiting.clear()
        self.release()

    def hold(self) -> None:
        """Give nothing to the taker, and read nothing, until `release`."""
        if not self._held:
            self._held = True
            if not self.transport.is_closing():
                self.transport.pause_reading()

    def release(self) -> None:
        """Go on after `hold`; no harm when it was not held."""
        if not self._held:
            return
        self._held = False
        while self._waiting and self._taker is not None:
            self._taker(self._waiting.popleft())
            if self._held:
                return
        self._go_on(b"")
        if not self._held and not self.transport.is_closing():
            self.transport.resume_reading()

    def can_send(self) -> bool:
        """Whether the socket takes bytes now."""
        return self.writable.is_set() and not self.close_sent and not self.transport.is_closing()

    def send_now(self, payload: bytes) -> None:
        """Write one text message; for a caller that minds `can_send`."""
        length = len(payload)
        if length < 126:
            head = bytes((_TEXT, length))
        elif length < 65_536:
            head = b"\x81\x7e" + length.to_bytes(2, "big")
        else:
            head = b"\x81\x7f" + length.to_bytes(8, "big")
        self.transport.write(head + payload)

    def resume_writing(self) -> None:
        """The transport's buffer has drained."""
        super().resume_writing()
        if self._on_writable is not None:
            self._on_writable()

    def data_received(self, data: bytes) -> None:
        """Take bytes off the wire."""
        if self._past_cutting or not self.handshake_initiated:
            super().data_received(data)
        else:
            self._go_on(data)

    def send_receive_event_to_app(self) -> None:
        """A message that the stock parser has put together from fragments."""
        if self._taker is None or self._is_over:
            super().send_receive_event_to_app()
            return
        data = b"".join(self.frames)
        self.frames = []
        if self.curr_msg_data_type == "text" and not _is_utf8(data):
            self._refuse_text()
            return
        if self._held:
            self._waiting.append(data)
        else:
            self._taker(data)

    def _go_on(self, data: bytes) -> None:
        """Cut what has come into frames, as far as may be."""
        if self._rest:
            self._rest += data
            if self._held or len(self._rest) < self._need:
                return
            data = bytes(self._rest)
            self._rest.clear()
        elif self._held:
            self._rest += data
            return
        at, size = 0, len(data)
        while size - at >= 2 and not self._held and not self._past_cutting:
            step = self._take_frame(data, at)
            if step < 0:
                break
            at += step
        else:
            self._need = 2
        if at < size:
            if self._past_cutting:
                super().data_received(data[at:])
            else:
                self._rest += data[at:]

    def _take_frame(self, data: bytes, at: int) -> int:
        """Take the frame that begins at `at`; its length, or -1 where it is not whole or not to be cut."""
        first, length, body = data[at], data[at + 1] & 127, at + 2
        if not data[at + 1] & 128 or not self._may_begin(first):
            return self._give_up()
        if length > 125:
            body = at + (4 if length == 126 else 10)
            if len(data) < body:
                return self._wants(body - at)
            length = int.from_bytes(data[at + 2 : body], "big")
            if length > self.config.ws_max_size:
                return self._give_up()
        end = body + 4 + length
        if len(data) < end:
            return self._wants(end - at)
        if (
            first in (_TEXT, _BYTES)
            and self._taker is not None
            and not (self.close_sent or self.disconnected)
        ):
            self._take_message(apply_mask(data[body + 4 : end], data[body : body + 4]), first)
        else:
            self._leave(data[at:end], first)
        return end - at

    @property
    def _is_over(self) -> bool:
        return self.close_sent or self.disconnected

    def _take_message(self, payload: bytes, first: int) -> None:
        if first == _BYTES or payload.isascii() or _is_utf8(payload):
            assert self._taker is not None
            self._taker(payload)
        else:
            self._refuse_text()

    def _may_begin(self, first: int) -> bool:
        """Whether a frame may have this first byte now; the stock parser refuses it at its head if not."""
        return first in _CONTROL or first in (_CONTINUED if self._fragmented else _BEGUN)

    def _give_up(self) -> int:
        """Leave this frame and all behind it to the stock parser, which refuses it at its head."""
        self._past_cutting = True
        return -1

    def _refuse_text(self) -> None:
        """Close with 1007, as the stock protocol does, but without its stack trace in the log."""
        self.conn.send_close(CloseCode.INVALID_DATA)
        self.handle_parser_exception()
        self._past_cutting = True

    def _wants(self, length: int) -> int:
        self._need = length
        return -1

    def _leave(self, frame: bytes, first: int) -> None:
        """Leave a whole frame to the stock parser."""
        if first not in _CONTROL:
            self._fragmented = not first & 128
        super().data_received(frame)
        if first == _CLOSE or self.conn.parser_exc is not None:
            self._past_cutting = True


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True

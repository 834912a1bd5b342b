"""Recordings at the portal: heard, uploaded, and spoken by the synthetic voice.

An upload is a new file beside the config file, and a path in the operator's draft: what was there before
stays, for those versions of the settings that name it.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import hashlib
import os
import tempfile
import wave
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated

from fastapi import Path as InPath

from api.portal.prompt_models import PromptKept, PromptUpload, PromptView, SpokenView, WishedSpeech
from api.portal.settings import Revision, draft_view, number_of, refused, standing_of
from api.portal.settings_rights import may_change
from api.portal_door import Asks, PortalUser
from api.problems import FieldError, Problem, RequestError
from api.routes import BODY_PROBLEMS, Audience, UrlRow
from changes.drafts import file_of, tree_of
from changes.editor import SettingsEditor
from changes.errors import StaleDraftError
from changes.standing import DraftStanding
from config.checks.files import wav_problem
from config.editing.data import Data
from config.editing.edits import EditError, Set
from config.models import Config
from config.problems import ConfigError
from media.espeak import PROGRAM, EspeakError, render

#: A recording: bytes of its WAV file, and seconds.
LARGEST_WAV, LONGEST = 10 * 1024 * 1024, 300.0
#: Bytes of one in a request: base64 makes four of three.
MAX_UPLOAD = LARGEST_WAV * 4 // 3 + 4096
#: Files that are kept in the folder of recordings: somebody should tidy up long before.
MOST_FILES = 2000
FOLDER = "prompts"
#: Seconds that the synthetic voice may take.
_PATIENCE = 15.0

PromptName = Annotated[str, InPath(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]


class PromptEndpoints:
    """Serves recordings to operators who may look, and takes new ones from those who may change them.

    ``program`` speaks; see :mod:`media.espeak`.
    """

    def __init__(self, config: Callable[[], Config], editor: SettingsEditor, program: str = PROGRAM) -> None:
        self._config = config
        self._editor = editor
        self._program = program
        self._speaking = asyncio.Lock()

    def routes(self) -> tuple[UrlRow, ...]:
        """The addresses of recordings."""
        one, portal = "/v1/portal/settings/prompts/{name}", Audience.PORTAL
        store = Problem.STORE_UNAVAILABLE
        return (
            UrlRow("GET", one, self.prompt, "portal_prompt", portal,
                   (Problem.CONFIG_INVALID, Problem.FILE_UNKNOWN, Problem.VALIDATION_FAILED, store),
                   right="look"),
            UrlRow("PUT", one, self.upload, "portal_prompt_upload", portal,
                   (*BODY_PROBLEMS, Problem.DRAFT_STALE, Problem.EDIT_REFUSED, Problem.CONFIG_INVALID,
                    Problem.FILES_NOT_WRITTEN, store), max_body=MAX_UPLOAD, right="look"),
            UrlRow("POST", "/v1/portal/settings/speak", self.speak, "portal_speak", portal,
                   (*BODY_PROBLEMS, Problem.SPEECH_FAILED), right="look"),
        )  # fmt: skip

    async def prompt(self, name: PromptName, user: Asks) -> PromptView:
        """A recording, as the draft names it. One outside of the config file's folder is served only where it
        is in force: a draft cannot have other files of the machine read."""
        standing = await standing_of(self._editor, user)
        folder, tree = _place(standing, name)
        named = (tree.get("prompts") or {}).get(name)
        if not isinstance(named, str):
            raise RequestError(Problem.FILE_UNKNOWN)
        in_force = [Path(each) for each in self._config().prompts.values()]
        top = standing.paths[standing.main].parent
        return await asyncio.to_thread(_read, top, folder, named, in_force)

    async def upload(
        self, name: PromptName, upload: PromptUpload, user: Asks, revision: Revision
    ) -> PromptKept:
        """Keep a recording as a new file, and name it in the draft."""
        self._must_change(user)
        try:
            sound = base64.b64decode(upload.wav, validate=True)
        except binascii.Error:
            raise _wrong("send the bytes of the file in base64") from None
        standing = await standing_of(self._editor, user)
        folder, _ = _place(standing, name)
        file = await asyncio.to_thread(_keep, standing.paths[standing.main].parent, folder, name, sound)
        try:
            after = await self._editor.edit(
                user.name, number_of(revision), [Set(("prompts", name), file, "here")]
            )
        except (StaleDraftError, EditError, ConfigError) as error:
            raise refused(error) from None
        return PromptKept(file=file, draft=draft_view(after))

    async def speak(self, wished: WishedSpeech, user: Asks) -> SpokenView:
        """A text, spoken by the synthetic voice; it is not kept."""
        self._must_change(user)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "spoken.wav"
            async with self._speaking:
                try:
                    await render(wished.text, wished.voice, str(path), _PATIENCE, self._program)
                except EspeakError as error:
                    if error.refused:
                        raise _wrong(f"{error}: see espeak-ng --voices", "body.voice") from None
                    raise RequestError(Problem.SPEECH_FAILED, detail=f"{error}.") from None
            return SpokenView(wav=base64.b64encode(path.read_bytes()).decode())

    def _must_change(self, user: PortalUser) -> None:
        if "prompts" not in may_change(user, self._config().portal.sections):
            raise RequestError(Problem.RIGHT_MISSING, detail="You may not change prompts.")


def _place(standing: DraftStanding, name: str) -> tuple[Path, Data]:
    """The folder from which the settings name this recording, and the settings."""
    main = standing.paths[standing.main]
    try:
        source, tree = tree_of(main, standing.paths, standing.mine)
    except ConfigError as error:
        raise refused(error) from None
    return standing.paths[file_of(source, standing.paths, standing.main, ("prompts", name))].parent, tree


def _read(top: Path, folder: Path, named: str, in_force: Iterable[Path]) -> PromptView:
    path = (folder / named).resolve()
    if not path.is_relative_to(top.resolve()) and path not in (each.resolve() for each in in_force):
        raise RequestError(Problem.FILE_UNKNOWN)
    if wav_problem(path) or path.stat().st_size > LARGEST_WAV:
        raise RequestError(Problem.FILE_UNKNOWN)
    return PromptView(file=named, wav=base64.b64encode(path.read_bytes()).decode())


def _keep(main: Path, named_from: Path, name: str, sound: bytes) -> str:
    """A new file for a recording, below ``main``; its path from the folder ``named_from``."""
    folder = main / FOLDER
    digest = hashlib.sha256(sound).hexdigest()[:12]
    target = folder / f"{name}-{digest}.wav"
    try:
        folder.mkdir(exist_ok=True)
        if not folder.resolve().is_relative_to(main.resolve()):
            raise _not_written(f"{FOLDER} is a link to another folder: nothing is written there.")
        if sum(1 for _ in folder.iterdir()) >= MOST_FILES:
            raise _not_written(f"{FOLDER} has {MOST_FILES} files: delete recordings that no version needs.")
        handle, fresh = tempfile.mkstemp(prefix=f".{name}.", suffix=".wav", dir=folder)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(sound)
                stream.flush()
                os.fchmod(stream.fileno(), 0o644)
                os.fsync(stream.fileno())
            _check(Path(fresh))
            os.replace(fresh, target)
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(fresh)
    except OSError as error:
        raise _not_written(
            f"The recording cannot be written ({error.strerror}). Check the free space, and whether the "
            f"server's user may write in {main}."
        ) from error
    return Path(os.path.relpath(target, named_from)).as_posix()


def _check(path: Path) -> None:
    """Refuse what no phone can be played."""
    if problem := wav_problem(path):
        raise _wrong(problem.replace(str(path), "the recording"))
    with wave.open(str(path)) as audio:
        seconds = audio.getnframes() / audio.getframerate()
    if seconds > LONGEST:
        raise _wrong(f"it lasts {seconds:.0f} s: at most {LONGEST:.0f} s are kept")


def _not_written(detail: str) -> RequestError:
    return RequestError(Problem.FILES_NOT_WRITTEN, detail=detail)


def _wrong(text: str, path: str = "body.wav") -> RequestError:
    return RequestError(Problem.VALIDATION_FAILED, errors=[FieldError(path=path, message=text)])

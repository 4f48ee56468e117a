from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from deploywatch.deliver.holder import Holder

linux = pytest.mark.skipif(not Path("/proc/self/ns/pid").is_symlink(), reason="needs Linux's /proc")


def test_each_user_of_the_outbox_is_another_holder():
    assert Holder.here().name != Holder.here().name


@linux
def test_a_living_process_is_not_gone_and_a_dead_one_is():
    me = Holder.here()
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    other = replace(me, pid=process.pid, born=_born(process.pid))
    assert not me.gone(other.name)
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert me.gone(other.name), "a zombie sends nothing any more"
    process.communicate()
    assert me.gone(other.name)
    assert not other.gone(me.name)


def _born(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]


@linux
def test_a_later_process_with_the_same_number_is_another():
    me = Holder.here()
    assert me.gone(replace(me, born="1").name)


@pytest.mark.parametrize("place", ["", "another-boot:pid:[4026531836]"])
def test_nothing_is_known_of_another_machine_or_namespace(place: str):
    assert not Holder.here().gone(Holder(place, 999999999, "1", "x").name)


@pytest.mark.parametrize("name", ["", "x", "/", "///", "a/b/c/d", "a/1/2/3/4"])
def test_nothing_is_known_of_a_name_that_says_nothing(name: str):
    me = Holder.here()
    assert not me.gone(name)
    assert not me.gone(f"{me.place}/{name}")


def test_a_system_that_does_not_tell_never_says_gone(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("deploywatch.deliver.holder._PROC", Path("/nowhere"))
    here = Holder.here()
    assert not here.gone(replace(here, pid=999999999).name)

"""Which sources the SIP sockets hear at all: a classic BPF filter in the kernel (socket(7), bpf(2)).

A request from anywhere else never reaches the SIP stack, so it gets no answer, not even a refusal, and a
scanner finds nothing. A program is built as plain data by :func:`build_program`; :func:`attach` hands it to
the kernel, which swaps an earlier one for it in one step.
"""

from __future__ import annotations

import ctypes
import os
import socket
import struct
from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network
from itertools import chain
from typing import NamedTuple

from config.fields import PortRange

SO_ATTACH_FILTER = 26
#: Offsets from here on are counted from the IP header; plain ones from the UDP or TCP header.
SKF_NET_OFF = 0xFFF00000
#: BPF_MAXINSNS: the kernel takes no longer program.
MAX_INSTRUCTIONS = 4096

LOAD_WORD_ABS = 0x20  # BPF_LD | BPF_W | BPF_ABS
LOAD_HALF_ABS = 0x28  # BPF_LD | BPF_H | BPF_ABS
LOAD_BYTE_ABS = 0x30  # BPF_LD | BPF_B | BPF_ABS
AND_CONST = 0x54  # BPF_ALU | BPF_AND | BPF_K
JUMP_EQUAL = 0x15  # BPF_JMP | BPF_JEQ | BPF_K
JUMP_GREATER_EQUAL = 0x35  # BPF_JMP | BPF_JGE | BPF_K
JUMP_GREATER = 0x25  # BPF_JMP | BPF_JGT | BPF_K
RETURN_CONST = 0x06  # BPF_RET | BPF_K

ACCEPT = 0xFFFFFFFF
DROP = 0

_LIBC = ctypes.CDLL(None, use_errno=True)


class Instruction(NamedTuple):
    """One ``struct sock_filter``; the jumps are counted in instructions from the next one."""

    code: int
    jump_true: int
    jump_false: int
    value: int


class AllowedNetwork(NamedTuple):
    """A network that may speak to us, perhaps only from some ports."""

    network: IPv4Network | IPv6Network
    ports: PortRange | None = None


def build_program(sources: Iterable[AllowedNetwork]) -> tuple[Instruction, ...]:
    """Build the program that accepts what these sources send and drops the rest.

    Each source is a run of instructions that either accepts or falls through to the next source's.
    ValueError if there are more sources than a program can hold.
    """
    program: list[Instruction] = []
    different = set(sources)
    for source in sorted(different, key=str) if len(different) > 1 else different:
        program += _accept(source)
    program.append(Instruction(RETURN_CONST, 0, 0, DROP))
    if len(program) > MAX_INSTRUCTIONS:
        raise ValueError("too many trunk addresses for the SIP firewall: join them into larger networks")
    return tuple(program)


def attach(fd: int, program: tuple[Instruction, ...]) -> None:
    """Let the socket receive only what the program accepts. OSError where the kernel refuses it."""
    set_program(fd, SO_ATTACH_FILTER, program)


def set_program(fd: int, option: int, program: tuple[Instruction, ...]) -> None:
    """Give a socket a program by this option of ``SOL_SOCKET``. OSError where the kernel refuses it.

    A Python socket made of the descriptor would first ask the kernel what kind it is, for each filter.
    """
    code = struct.pack("=" + "HBBI" * len(program), *chain.from_iterable(program))
    buffer = ctypes.create_string_buffer(code, len(code))
    pointer = struct.pack("HP", len(program), ctypes.addressof(buffer))  # struct sock_fprog
    if _LIBC.setsockopt(fd, socket.SOL_SOCKET, option, pointer, len(pointer)) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _accept(source: AllowedNetwork) -> list[Instruction]:
    """Accept this source, or go on behind the run."""
    network = source.network
    version = 4 if isinstance(network, IPv4Network) else 6
    # Jumps of 1 mark the failing side of a test: it leaves the run.
    tests: list[tuple[int, int, int, int]] = [
        (LOAD_BYTE_ABS, 0, 0, SKF_NET_OFF),
        (AND_CONST, 0, 0, 0xF0),
        (JUMP_EQUAL, 0, 1, version << 4),
    ]
    offset = 12 if version == 4 else 8  # of the source address: RFC 791 section 3.1, RFC 8200 section 3
    address, mask = network.network_address.packed, network.netmask.packed
    for start in range(0, len(address), 4):
        word_mask = int.from_bytes(mask[start : start + 4], "big")
        if not word_mask:
            break
        tests.append((LOAD_WORD_ABS, 0, 0, SKF_NET_OFF + offset + start))
        tests.append((AND_CONST, 0, 0, word_mask))
        tests.append((JUMP_EQUAL, 0, 1, int.from_bytes(address[start : start + 4], "big")))
    if source.ports is not None:
        tests.append((LOAD_HALF_ABS, 0, 0, 0))
        tests.append((JUMP_GREATER_EQUAL, 0, 1, source.ports.first))
        tests.append((JUMP_GREATER, 1, 0, source.ports.last))
    tests.append((RETURN_CONST, 0, 0, ACCEPT))
    last = len(tests) - 1
    return [
        Instruction(code, on_true * (last - at), on_false * (last - at), value)
        for at, (code, on_true, on_false, value) in enumerate(tests)
    ]

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the first inputs of the fuzz targets from what real agents said (tests/hooks/sequences): one payload for each
shape that occurs, and the ends of transcripts. Run it again when sequences were added; files are named by content."""
import glob
import hashlib
import json
import os

HERE = os.path.dirname(os.path.abspath(__file__))
SEQUENCES = os.path.join(HERE, "..", "hooks", "sequences")


def keep(target, data):
    if isinstance(data, str):
        data = data.encode()
    folder = os.path.join(HERE, "corpus", target)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, hashlib.sha1(data).hexdigest()[:16]), "wb") as file:
        file.write(data)


def shape(value):
    """What distinguishes one payload from another for a reader: names and types, and the words it branches on."""
    if isinstance(value, dict):
        words = {k: v for k, v in value.items() if k in ("hook_event_name", "notification_type", "source", "reason", "error")}
        return json.dumps([sorted(f"{k}:{type(v).__name__}" for k, v in value.items()), words], sort_keys=True)
    return type(value).__name__


def main():
    seen = set()
    transcripts = {}
    for path in sorted(glob.glob(os.path.join(SEQUENCES, "*", "*.json"))):
        with open(path, encoding="utf-8") as file:
            case = json.load(file)
        for hook in case["hooks"]:
            payload = hook["payload"]
            if shape(payload) in seen:
                continue
            seen.add(shape(payload))
            text = json.dumps(payload, ensure_ascii=False)
            keep("payload", text)
            keep("json", b"\x00" + text.encode())
        for line in case.get("transcript") or []:
            entry = line["line"]
            text = entry if isinstance(entry, str) else json.dumps(entry, ensure_ascii=False)
            transcripts.setdefault(os.path.basename(path), []).append(text)
    shapes = set()
    for lines in transcripts.values():
        kinds = frozenset(shape(json.loads(line)) for line in lines if line.startswith("{"))
        if kinds in shapes:
            continue
        shapes.add(kinds)
        text = "\n".join(lines[-12:])[-6000:].replace("00000000-0000-4000-8000-000000000001", "p-1")
        keep("payload", "t" + text + "\n")
    for words in (["--status", "end", "--start-time", "1700000000", "--run-id", "r", "--exit-code", "2", "--wait", "3"],
                  ["end", "message", "run-42", "1700000000000"], ["--agent", "codex", '{"type":"agent-turn-complete"}'],
                  ["--status=error", "--title=x", "--message", "", "--strict", "--markdown"], ["--wat"], ["--wait"]):
        keep("payload", "a" + "\n".join(words))
    for text in (b'\x01{"a":[1,2,{"b":[[[[[]]]]]}],"long":"' + b"x" * 40 + b'"}', b'\x00[1e400,-0,1.5e-3,"\\ud83d\\ude00","\\ud83d"]',
                 b'\x00"\xff\xfe\xc0\x80"', b"\x00{", b"\x00[1,2", b'\x00{"a":1}{"b":2}', b"\x00" + b"[" * 200):
        keep("json", text)
    for text in (b"\x10\x1b[31mred\x1b[0m text\x07", b"\x05\xe4\xbb\xbb\xe5\x8a\xa1\xe5\xae\x8c\xe6\x88\x90", b"\x202026-11-21T10:00:00.123Z",
                 b"\x201700000000", b"\x201m30s", b"\x20500ms", b"\x202026-11-21T10:00:00+08:00", b"\x40Bearer abcdefghijklmnop",
                 b"\x40https://user:pw@example.org/x?token=abc", b"\x40password=hunter2&a=b", b"\x40-----BEGIN PRIVATE KEY-----\nMIIE\n",
                 b"\x08ab*c?abxcy", b"\x03\xf0\x9f\x98\x80\xf0\x9f", b"\x1b]0;title\x07rest\x1bP1;2q\x1b\\"):
        keep("words", text)


if __name__ == "__main__":
    main()

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
    keep_answers()
    keep_texts()
    keep_configuration()


def keep_answers():
    """What the services answer, one kept input for each channel type that reads it (they are numbered in the order of
    their names; a byte chooses)."""
    answers = [b'{"errcode":0,"errmsg":"ok"}', b'{"errcode":310000,"errmsg":"keywords not in content"}',
               b'{"errcode":310000,"errmsg":"description:\xe6\x9c\xba\xe5\x99\xa8\xe4\xba\xba; sign not match"}',
               b'{"errcode":130101,"errmsg":"send too fast","wait":30}', b'{"status":1111,"wait":5,"punish":"deny"}',
               b'{"code":0,"msg":"success","data":{}}', b'{"StatusCode":0,"StatusMessage":"success"}',
               b'{"code":19021,"msg":"sign match fail or timestamp is not within one hour from current time"}',
               b'{"code":9499,"msg":"Bad Request","data":{}}', b'{"code":11232,"msg":"frequency limited"}',
               b'{"errcode":93000,"errmsg":"invalid webhook url, hint: [1]"}', b'{"errcode":45009,"errmsg":"freq out of limit"}',
               b'{"ok":true,"result":{"message_id":42}}',
               b'{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 5","parameters":{"retry_after":5}}',
               b'{"ok":false,"error_code":400,"description":"Bad Request: can\'t parse entities: x"}',
               b'{"ok":false,"error_code":400,"description":"x","parameters":{"migrate_to_chat_id":-1001}}',
               b"<html><body>502 Bad Gateway</body></html>", b"", b"null", b'{"errcode":"0"}']
    waits = [b"", b"120", b"Sun, 06 Nov 1994 08:49:37 GMT", b"Sunday, 06-Nov-94 08:49:37 GMT", b"Sun Nov  6 08:49:37 1994"]
    for number, answer in enumerate(answers):
        for channel in range(8):
            status = (0, 5, 11, 13)[(number + channel) % 4]
            head = waits[(number + channel) % len(waits)] + b"\n\n" + (b"7" if number % 3 == 0 else b"") + b"\n"
            keep("judge", bytes([channel, status]) + head + answer)


def keep_texts():
    rich = ("# Result\n\nAll **tests** pass, *nearly*; see [the log](https://ci.example/1?a=b&c=d) and `a < b`.\n\n"
            "- one\n- two with `code`\n    1. inner\n\n> quoted <b>text</b>\n\n```cpp\nif (a < b && c) {\n    f();\n}\n```\n")
    texts = [rich, rich * 8, "第一段：**重点** 与 `code`，还有 😀 & \"quotes\" \\ done。\n\n" * 20, "```\n" + "x" * 3000 + "\n```",
             "~~a~~ ~b~ ~/c <@all> <at id=all></at> @someone\n    indented\n\ttab", "- a\n  > b\n    - c\n\n      d\n1) e",
             "\"" * 2000, "&amp;&#60;&#x10ffff;&#xd800; \\* \\<", "***a** b*_c_ ![i](http://x/y.png) <https://e.test>"]
    for number, text in enumerate(texts):
        for look in (0, 1, 2, 3, 4, 5, 6, 7):
            choice = (number * 37 + look * 11) % 256
            keep("shape", bytes([choice | (look & 1), look | (number % 8) << 5 | (number % 4) << 3]) +
                 "✅ 任务完成 · x <&> \n".encode() + text.encode())


def keep_configuration():
    toml = ("language = \"zh\"\nprivacy = \"summary\"\n[rules]\nthreshold = \"5m\"\nboth = true\n[[rules.when]]\n"
            "event = \"error\"\nthreshold = 0\nhours = \"22-8\"\n[channels.phone]\ntype = \"telegram\"\n"
            "token = \"123456789:AA\"\nchat_id = -100\nproxy_host = \"p\"\nproxy_port = 1\n[channels.ding]\ntype = \"dingtalk\"\n"
            "token = { env = \"X\" }\nmention = [\"all\", \"u\"]\nkeyword = \"k\"\n[channels.hook]\ntype = \"webhook\"\n"
            "url = \"https://e.test/$title\"\nbody = '{\"a\": \"$content\"}'\nheaders = \"A: b\"\n[routes]\ndefault = [\"phone\"]\n"
            "[http]\nproxy = \"http://p:1\"\ntimeout = \"3s\"\n[delivery]\nschedule = [\"1s\", 5]\n[project]\nname = \"x\"\n")
    shell = ("# comment\nexport TG_BOT_TOKEN=\"123456789:AA\"\nexport TG_USER_ID='1'\nFSKEY=a\\ b\nexport A=1 B=2\n"
             "export WEBHOOK_BODY=\"title: \\$title\ncontent: $content\"\nX=$'a\\nb\\x41'\nY=${TG_USER_ID}z\nexport DD_BOT_TOKEN=`id`\n"
             "export HITOKOTO=false # note\nif true; then\n")
    variables = ("TG_BOT_TOKEN=123456789:AA\nTG_USER_ID=1\nTG_PROXY_HOST=u:p@h\nTG_PROXY_PORT=x\nQYWX_KEY=https://h/cgi-bin/webhook/send?key=a\n"
                 "FSKEY=https://h/open-apis/bot/v2/hook/a\nDD_BOT_TOKEN=h/robot/send?access_token=%41\nWEBHOOK_URL=http://x/$title\nWEBHOOK_METHOD=put\n"
                 "WEBHOOK_BODY=title: $title\nWEBHOOK_CONTENT_TYPE=multipart/form-data\nMCP_PUSH_THRESHOLD=90\nLANG=zh_CN.UTF-8\nCONSOLE=true\n")
    for kind, text in ((0, toml), (3, toml), (3, "[rules]\nthreshold = 7\n[project]\nname = \"x\"\n"), (1, shell), (2, shell),
                       (4, variables), (0, "[channels.a\n"), (0, "a = 1\na = 2\n[x]\n[x]\n"), (1, "export A=\"b\n"), (2, "\ufeffA=b\r\nC=d\r\n")):
        keep("config", bytes([kind]) + text.encode())


if __name__ == "__main__":
    main()

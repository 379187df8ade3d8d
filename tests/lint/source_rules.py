#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Rules of the house that a reader of the text alone can hold: who includes whom, one outside library in one file,
SPDX lines, sizes, words, machines' names, and that README_CN.md mirrors README.md.

    tests/lint/source_rules.py            every tracked file
    tests/lint/source_rules.py --list     the rules
"""
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# Who may include whom (ARCHITECTURE.md): the longest matching place counts. Own folder is always allowed.
MAY_INCLUDE = {
    "core/base/": [],
    "core/model/": ["core/base/"],
    "core/config/": ["core/base/", "core/model/"],
    "core/rules/": ["core/base/", "core/model/", "core/config/"],
    "core/store/": ["core/base/", "core/model/"],
    "core/mcp/": ["core/base/", "core/model/", "core/store/"],
    "channels/": ["core/"],
    "channels/services/": ["core/", "channels/"],
    "hooks/": ["core/", "channels/specs.hpp"],
    "cli/": ["core/", "channels/", "hooks/"],
}
# What a place may not include although its row above allows the folder.
MAY_NOT_INCLUDE = {
    "channels/services/": ["channels/net/", "channels/deliver", "channels/bridge"],
}
ROOMS = ("core/", "channels/", "hooks/", "cli/")

# Each outside library is known to one file; a second one would be a second place to mend.
LIBRARIES = {
    "sqlite3": r"sqlite3\.h",
    "toml++": r"toml\+\+/.*|toml\.hpp",
    "libcurl": r"curl/.*",
    "D-Bus": r"dbus/.*",
    "CLI11": r"CLI/.*",
    "md4c": r"md4c.*\.h",
    "libevent": r"event2/.*",
}

LONGEST_FILE = 500
CODE = (".cpp", ".hpp", ".h", ".in")
COMMENTED = CODE + (".sh", ".py", ".mjs", ".cmake", ".bash", ".zsh", ".fish")
# Kept as found: what a fuzzer made, what an agent said, what a program is expected to print.
DATA = ("tests/fuzz/corpus/", "tests/hooks/sequences/", "tests/hooks/payloads/", "tests/cli/cases/", "tests/golden/")
OWN = "tests/lint/"

complaints = []


def complain(path, line, message):
    complaints.append(f"{path}:{line}: {message}")


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8", errors="replace") as file:
        return file.read()


def is_text(path):
    with open(os.path.join(ROOT, path), "rb") as file:
        return b"\0" not in file.read(8192)


def tracked():
    listed = subprocess.run(["git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                            check=True, capture_output=True, text=True).stdout
    return sorted(p for p in listed.split("\0") if p and os.path.isfile(os.path.join(ROOT, p)))


def includes(text):
    for number, line in enumerate(text.splitlines(), 1):
        found = re.match(r'\s*#\s*include\s*(["<])([^">]+)[">]', line)
        if found:
            yield number, found.group(1), found.group(2)


def place_of(path):
    fitting = [place for place in MAY_INCLUDE if path.startswith(place)]
    return max(fitting, key=len) if fitting else None


def rule_include_direction(files):
    """a room includes only the rooms to its left"""
    for path in files:
        place = place_of(path)
        if place is None or not path.endswith(CODE):
            continue
        for number, quote, name in includes(read(path)):
            ours = name.startswith(ROOMS)
            if quote == "<" and ours:
                complain(path, number, f"<{name}> is ours: include it in quotes")
            if quote != '"':
                continue
            if not ours:
                complain(path, number, f'"{name}": includes are written from the root')
                continue
            allowed = [place] + MAY_INCLUDE[place]
            denied = MAY_NOT_INCLUDE.get(place, [])
            if not name.startswith(tuple(allowed)) or (denied and name.startswith(tuple(denied))):
                complain(path, number, f"{place} may not include {name}")


def rule_one_library_one_file(files):
    """an outside library is included in one .cpp file"""
    seen = {}
    for path in files:
        if not path.startswith(ROOMS) or not path.endswith(CODE):
            continue
        for number, _, name in includes(read(path)):
            for library, pattern in LIBRARIES.items():
                if re.fullmatch(pattern, name):
                    seen.setdefault(library, {}).setdefault(path, number)
    for library, places in seen.items():
        for path, number in places.items():
            if path.endswith((".hpp", ".h")):
                complain(path, number, f"{library} is included in a header")
            if len(places) > 1:
                others = ", ".join(sorted(p for p in places if p != path))
                complain(path, number, f"{library} is included in {others} too; one file should know it")


def rule_json_headers(files):
    """headers take nlohmann/json_fwd.hpp, not the whole library"""
    for path in files:
        if path.startswith(ROOMS) and path.endswith(".hpp"):
            for number, _, name in includes(read(path)):
                if name == "nlohmann/json.hpp":
                    complain(path, number, "a header includes nlohmann/json_fwd.hpp instead")


def rule_fast_path(files):
    """core and hooks include no iostream: it costs the hook's start"""
    for path in files:
        if path.startswith(("core/", "hooks/", "channels/services/")) and path.endswith(CODE):
            for number, _, name in includes(read(path)):
                if name in ("iostream", "regex", "locale"):
                    complain(path, number, f"<{name}> costs the hook its speed")


def rule_spdx(files):
    """the licence stands in a file's first lines"""
    for path in files:
        if path.endswith(COMMENTED) and not path.startswith(DATA):
            first = read(path).splitlines()[:3]
            if not any("SPDX-License-Identifier: MIT" in line for line in first):
                complain(path, 1, "the line SPDX-License-Identifier: MIT is missing")


def rule_sizes(files):
    """a source file has under 500 lines"""
    for path in files:
        if path.endswith(CODE + (".sh", ".py")) and not path.startswith(DATA):
            count = read(path).count("\n")
            if count >= LONGEST_FILE:
                complain(path, count, f"{count} lines: look for the seam")


def rule_words(files):
    """no promises in place of work"""
    banned = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    for path in files:
        if path.startswith(DATA + (OWN,)) or path.endswith("package-lock.json") or not is_text(path):
            continue
        for number, line in enumerate(read(path).splitlines(), 1):
            found = banned.search(line)
            if found:
                complain(path, number, f"{found.group(1)}: do it or file an issue")


def rule_machines(files):
    """no package registry's host and no path of the machine that built it"""
    machine = re.compile(r"(?<![\w.$])/(work/(main|shared|\.library)|tmp/wt|root)/[\w.]+")
    registry = re.compile(r"\"resolved\"\s*:\s*\"http|^\s*registry\s*=|--registry|index-url|\bregistry\.[a-z]+\.[a-z]+"
                          r"|\bdeb\s+(\[[^]]*\]\s*)?https?:|\bartifactory\b", re.MULTILINE)
    for path in files:
        if path.startswith((OWN, "tests/fuzz/corpus/")) or not is_text(path):
            continue
        for number, line in enumerate(read(path).splitlines(), 1):
            found = machine.search(line)
            if found:
                complain(path, number, f"{found.group(0)} is a path of one machine")
            found = registry.search(line)
            if found:
                complain(path, number, f"{found.group(0).strip()} names a package registry")


def skeleton(path):
    """Heading levels and code blocks in order; a block's comments are prose and may be translated."""
    shape = []
    block = None
    for number, line in enumerate(read(path).splitlines(), 1):
        if line.lstrip().startswith("```"):
            if block is None:
                block = (number, [])
            else:
                shape.append((block[0], "code", "\n".join(block[1])))
                block = None
        elif block is not None:
            code = re.sub(r"(^|\s+)#.*$", "", line).rstrip()
            block[1].append(code)
        elif re.match(r"#{1,6} ", line):
            shape.append((number, "heading", line.split(" ")[0]))
    return shape


def is_picture(code):
    """A picture in text holds no command; its words are translated."""
    return any(mark in code for mark in "│┌╭")


def rule_translation(files):
    """README_CN.md has the headings and the code blocks of README.md"""
    if "README.md" not in files or "README_CN.md" not in files:
        return
    english, chinese = skeleton("README.md"), skeleton("README_CN.md")
    for (here, kind, text), (there, other_kind, other) in zip(english, chinese):
        if kind != other_kind or (kind == "heading" and text != other):
            complain("README_CN.md", there, f"does not mirror README.md:{here} ({kind} {text.splitlines()[0] if text else ''})")
            return
        if kind == "code" and text != other and not (is_picture(text) and is_picture(other)):
            complain("README_CN.md", there, f"its code block differs from README.md:{here}")
    if len(english) != len(chinese):
        complain("README_CN.md", 1, f"{len(chinese)} headings and code blocks, README.md has {len(english)}")


RULES = [rule_include_direction, rule_one_library_one_file, rule_json_headers, rule_fast_path, rule_spdx, rule_sizes,
         rule_words, rule_machines, rule_translation]


def main():
    if "--list" in sys.argv[1:]:
        for rule in RULES:
            print(f"{rule.__name__[5:]:24} {rule.__doc__}")
        return 0
    files = tracked()
    for rule in RULES:
        rule(files)
    for complaint in complaints:
        print(complaint)
    print(f"source rules: {len(RULES)} rules, {len(files)} files, {len(complaints)} complaints")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())

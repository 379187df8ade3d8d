// SPDX-License-Identifier: MIT
#include "core/store/session_file.hpp"

#include "core/base/json.hpp"
#include "core/base/text.hpp"

#include <dirent.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <memory>

namespace mcp_push {
namespace {

constexpr std::string_view k_lock_suffix = ".lock";

/// Session ids come from outside: the file's name is made of a hash, the id itself stands inside.
std::string path_of(const Paths& paths, std::string_view agent, std::string_view session) {
    return paths.sessions_dir() + "/" + std::string(agent) + "-" + to_hex(hash64(session)) + ".json";
}

Json to_json(const Moment& moment) { return Json::array({to_millis(moment.wall), moment.boot.count()}); }

std::optional<Moment> moment_from(const Json& value) {
    if (!value.is_array() || value.size() != 2 || !value[0].is_number_integer() || !value[1].is_number_integer()) {
        return std::nullopt;
    }
    return Moment{from_millis(value[0].get<std::int64_t>()), Millis(value[1].get<std::int64_t>())};
}

Json to_json(const OpenQuestion& asked) {
    return {{"id", asked.id},
            {"tool", asked.tool},
            {"key", asked.tool_key},
            {"agent", asked.sub_agent},
            {"text", asked.text},
            {"asked", to_json(asked.asked)},
            {"reminded", asked.reminded}};
}

Json to_json(const Turn& turn) {
    Json value = {{"id", turn.id},
                  {"current", turn.current},
                  {"phase", name_of(turn.phase)},
                  {"stopped", to_json(turn.stopped)},
                  {"waited", turn.waited.count()},
                  {"waited_until", to_json(turn.waited_until)},
                  {"asked", turn.questions_asked},
                  {"prompt", turn.prompt},
                  {"answer", turn.answer}};
    if (turn.start) value["start"] = to_json(*turn.start);
    if (turn.queued) value["queued"] = to_json(*turn.queued);
    if (turn.last_answer) value["last_answer"] = to_json(*turn.last_answer);
    if (!turn.tasks.empty()) value["tasks"] = turn.tasks;
    for (const auto& asked : turn.questions)
        value["questions"].push_back(to_json(asked));
    return value;
}

std::vector<std::string> texts_from(const Json& value) {
    std::vector<std::string> texts;
    for (const auto& text : value) {
        if (text.is_string()) texts.push_back(text.get<std::string>());
    }
    return texts;
}

OpenQuestion question_from(const Json& value) {
    OpenQuestion asked;
    asked.id = string_member(value, "id");
    asked.tool = string_member(value, "tool");
    asked.tool_key = string_member(value, "key");
    asked.sub_agent = string_member(value, "agent");
    asked.text = string_member(value, "text");
    asked.asked = moment_from(member(value, "asked")).value_or(Moment{});
    asked.reminded = bool_member(value, "reminded");
    return asked;
}

std::optional<Turn> turn_from(const Json& value) {
    const auto phase = parse_turn_phase(string_member(value, "phase"));
    if (!value.is_object() || !phase) return std::nullopt;
    Turn turn;
    turn.id = string_member(value, "id");
    turn.current = string_member(value, "current");
    turn.phase = *phase;
    turn.start = moment_from(member(value, "start"));
    turn.stopped = moment_from(member(value, "stopped")).value_or(Moment{});
    turn.waited = Millis(integer_member(value, "waited").value_or(0));
    turn.waited_until = moment_from(member(value, "waited_until")).value_or(Moment{});
    turn.queued = moment_from(member(value, "queued"));
    turn.questions_asked = static_cast<int>(integer_member(value, "asked").value_or(0));
    for (const auto& asked : array_member(value, "questions"))
        turn.questions.push_back(question_from(asked));
    turn.tasks = texts_from(array_member(value, "tasks"));
    turn.last_answer = moment_from(member(value, "last_answer"));
    turn.prompt = string_member(value, "prompt");
    turn.answer = string_member(value, "answer");
    return turn;
}

std::string session_to_text(const SessionState& state) {
    Json value = {{"agent", state.agent}, {"session", state.session}};
    if (state.turn) value["turn"] = to_json(*state.turn);
    if (state.previous) value["previous"] = to_json(*state.previous);
    for (const auto& turn : state.parked)
        value["parked"].push_back(to_json(turn));
    if (!state.old_tasks.empty()) value["old_tasks"] = state.old_tasks;
    return dump_json(value) + "\n";
}

Result<SessionState> session_from_text(std::string_view text) {
    TRY_ASSIGN(const Json value, parse_json(text));
    if (!value.is_object()) return Error{ErrorKind::payload, "no JSON object"};
    SessionState state;
    state.agent = string_member(value, "agent");
    state.session = string_member(value, "session");
    state.turn = turn_from(member(value, "turn"));
    state.previous = turn_from(member(value, "previous"));
    for (const auto& entry : array_member(value, "parked")) {
        if (auto turn = turn_from(entry)) state.parked.push_back(std::move(*turn));
    }
    state.old_tasks = texts_from(array_member(value, "old_tasks"));
    return state;
}

} // namespace

Result<SessionFile> SessionFile::open(const Paths& paths, std::string_view agent, std::string_view session,
                                      Millis patience) {
    if (paths.state_dir.empty()) {
        return Error{ErrorKind::storage, "there is no home folder to keep the session in",
                     "set HOME or XDG_STATE_HOME"};
    }
    const auto path = path_of(paths, agent, session);
    const auto lock_path = path + std::string(k_lock_suffix);
    auto lock = FileLock::acquire(lock_path, patience);
    if (!lock && lock.error().kind == ErrorKind::no_input) {
        TRY(make_directories(paths.sessions_dir()));
        lock = FileLock::acquire(lock_path, patience);
    }
    if (!lock) return std::move(lock).error();
    SessionFile file(std::move(lock).value(), path);
    auto text = read_file(path, 1 << 20);
    if (text) {
        auto state = session_from_text(*text);
        if (!state) {
            file.m_notice = "the session's memory was damaged and begins anew: " + state.error().message;
        } else if (state->session == session) {
            file.m_state = std::move(state).value();
            file.m_text = std::move(text).value();
        }
    } else if (text.error().kind != ErrorKind::no_input) {
        file.m_notice = "the session's memory begins anew: " + text.error().message;
    }
    file.m_state.agent = agent;
    file.m_state.session = session;
    return file;
}

SessionState SessionFile::peek(const Paths& paths, std::string_view agent, std::string_view session) {
    const auto text = read_file(path_of(paths, agent, session), 1 << 20);
    if (!text) return {};
    auto state = session_from_text(*text);
    return state && state->session == session ? std::move(state).value() : SessionState{};
}

Status SessionFile::save() {
    auto text = session_to_text(m_state);
    if (text == m_text) return {};
    TRY(write_file(m_path, text));
    m_text = std::move(text);
    return {};
}

std::vector<RememberedSession> list_sessions(const Paths& paths) {
    std::vector<RememberedSession> sessions;
    const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(paths.sessions_dir().c_str()), &::closedir);
    if (!folder) return sessions;
    while (const dirent* const entry = ::readdir(folder.get())) {
        const std::string path = paths.sessions_dir() + "/" + entry->d_name;
        struct stat info {};
        if (!path.ends_with(".json") || ::stat(path.c_str(), &info) != 0) continue;
        const auto text = read_file(path, 1 << 20);
        if (!text) continue;
        auto state = session_from_text(*text);
        if (!state) continue;
        sessions.push_back({from_millis(static_cast<long long>(info.st_mtime) * 1000), std::move(state).value()});
    }
    std::ranges::sort(sessions, std::ranges::greater(), &RememberedSession::changed);
    return sessions;
}

int forget_sessions(const Paths& paths, TimePoint before) {
    const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(paths.sessions_dir().c_str()), &::closedir);
    if (!folder) return 0;
    int forgotten = 0;
    while (const dirent* const entry = ::readdir(folder.get())) {
        if (entry->d_name[0] == '.') continue;
        const std::string path = paths.sessions_dir() + "/" + entry->d_name;
        const auto is_old = [&](const std::string& name) {
            struct stat info {};
            return ::stat(name.c_str(), &info) != 0 || info.st_mtime < to_millis(before) / 1000;
        };
        // A lock never changes: it is as old as its session, but in use as long as that is.
        const bool lock = path.ends_with(k_lock_suffix);
        if (!is_old(path) || (lock && !is_old(path.substr(0, path.size() - k_lock_suffix.size())))) continue;
        if (::unlink(path.c_str()) == 0 && path.ends_with(".json")) ++forgotten;
    }
    return forgotten;
}

} // namespace mcp_push

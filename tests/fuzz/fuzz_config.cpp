// SPDX-License-Identifier: MIT
// Configuration as anybody may have written it: the user's file, config.sh and .env, a project's file, variables, and
// what each channel type makes of its settings.
#include "channels/settings.hpp"
#include "core/base/files.hpp"
#include "core/base/text.hpp"
#include "core/config/shell_file.hpp"
#include "core/config/toml_file.hpp"
#include "tests/fuzz/examples.hpp"

#include <stdlib.h>

#include <algorithm>
#include <filesystem>

namespace {

using namespace mcp_push;

/// A home folder of this process's own, below the working folder.
struct Home {
    Home() {
        char folder[] = "fuzz-home-XXXXXX";
        fuzz::require(::mkdtemp(folder) != nullptr, "a folder can be made");
        char* const absolute = ::realpath(folder, nullptr);
        path = absolute;
        ::free(absolute);
        paths = find_paths(Environment({{"HOME", path}}));
        fuzz::require(make_directories(paths.config_dir).ok() && make_directories(path + "/project").ok(), "folders");
    }
    ~Home() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
    Home(const Home&) = delete;
    Home& operator=(const Home&) = delete;

    std::string path;
    Paths paths;
};

Config load(const Home& home, Environment::Map variables, const std::string& folder) {
    variables["HOME"] = home.path;
    LoadInput input{.environment = Environment(std::move(variables)), .paths = home.paths, .specs = channel_specs()};
    input.folder = folder;
    auto config = load_config(input);
    for (const auto& problem : config.problems) {
        fuzz::require(!problem.message.empty() && !problem.where.empty(), "a problem says what and where");
        fuzz::require(is_valid_utf8(problem.message) && is_valid_utf8(problem.hint), "a problem is UTF-8");
    }
    for (const auto& channel : config.channels) {
        const auto* const type = find_channel_type(channel.type);
        if (type == nullptr) continue;
        (void)check_settings(*type, channel);
        if (const auto settings = make_settings(*type, channel)) {
            fuzz::require(capabilities_of(*type, *settings).reserve < 10'000, "settings leave room for a text");
            Part part;
            part.title = "title";
            part.body = part.plain_body = "body";
            (void)type->code->plan(part, *settings, {.now = from_millis(1'700'000'000'000), .nonce = "n"});
        }
    }
    return config;
}

std::string names_of(const Config& config) {
    std::string names;
    for (const auto& channel : config.channels)
        names += channel.name + ":" + channel.type + ";";
    return names;
}

void write(const std::string& path, std::string_view text) {
    fuzz::require(write_file(path, text, 0600).ok(), "a file can be written");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Home home;
    static const std::string mine = "[channels.phone]\ntype = \"feishu\"\nkey = \"mine-0123\"\n";
    fuzz::Input input(data, size);
    const auto what = input.byte() % 5;
    const auto text = input.rest();
    const auto user_file = home.paths.config_file();
    const auto shell_file = home.paths.config_dir + (what == 1 ? "/config.sh" : "/.env");
    Environment::Map variables;
    switch (what) {
    case 0:
        (void)parse_toml(text);
        write(user_file, text);
        (void)load(home, {}, "");
        break;
    case 1:
    case 2:
        (void)parse_shell_file(text);
        write(shell_file, text);
        (void)load(home, {}, "");
        (void)::remove(shell_file.c_str());
        break;
    case 3: { // nobody has trusted it
        write(user_file, mine);
        const auto without = load(home, {}, "");
        write(home.path + "/project/.mcp-push.toml", text);
        const auto with = load(home, {}, home.path + "/project");
        fuzz::require(names_of(with) == names_of(without), "a project adds no channel");
        fuzz::require(with.channels[0].settings == without.channels[0].settings, "a project redirects nothing");
        fuzz::require(with.routes == without.routes && with.http.proxy == without.http.proxy, "nor by routes or proxy");
        break;
    }
    default: // NAME=value, a variable a line; "\n" in a value is two characters
        for (const auto line : split(text, '\n')) {
            const auto equals = line.find('=');
            const auto name = std::string(line.substr(0, equals));
            if (equals == std::string_view::npos || line.find('\0') != std::string_view::npos || name == "HOME")
                continue;
            variables[name] = line.substr(equals + 1);
        }
        (void)load(home, std::move(variables), "");
        break;
    }
    (void)::remove(user_file.c_str());
    return 0;
}

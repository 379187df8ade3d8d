// SPDX-License-Identifier: MIT
// What is shown on this machine. The only file that knows libdbus.
#include "channels/deliver.hpp"
#include "core/base/files.hpp"
#include "core/base/process.hpp"
#include "core/base/text.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#if !defined(__APPLE__)
#include <dbus/dbus.h>
#endif

namespace mcp_push {
namespace {

constexpr int k_bus_patience_ms = 2'000;

Outcome failed(OutcomeKind kind, std::string detail, std::string remedy = {}) {
    Outcome outcome;
    outcome.kind = kind;
    outcome.detail = std::move(detail);
    outcome.remedy = std::move(remedy);
    return outcome;
}

Outcome done(std::string receipt = {}) {
    Outcome outcome;
    outcome.kind = OutcomeKind::delivered;
    outcome.receipt = std::move(receipt);
    return outcome;
}

Outcome write_whole(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(fd, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return failed(OutcomeKind::transient, "cannot write: " + errno_text(errno));
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return done();
}

Outcome show_on_console(const LocalRequest& request) {
    return write_whole(STDERR_FILENO, clean_text(request.title) + "\n\n" + clean_text(request.body) + "\n");
}

/// Text that can end no escape sequence: no control characters, neither of 7 nor of 8 bits.
std::string harmless(std::string_view text) {
    auto line = one_line(clean_text(text));
    std::string out;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const bool c1 = line[i] == '\xc2' && i + 1 < line.size() && static_cast<unsigned char>(line[i + 1]) < 0xa0;
        if (c1) {
            ++i;
        } else if (line[i] != '\x7f') {
            out += line[i];
        }
    }
    return out;
}

std::string terminal_sequence(const LocalRequest& request) {
    const auto title = harmless(request.title);
    const auto body = harmless(request.body);
    const std::string bell = request.urgency == Urgency::low ? "" : "\a";
    if (request.manner == "bell") return "\a";
    if (request.manner == "osc777") {
        return "\033]777;notify;" + replace_all(title, ";", ",") + ";" + body + "\033\\" + bell;
    }
    auto text = body.empty() || body == title ? title : title + ": " + body;
    // "9;4;..." is a progress bar to some terminals.
    const auto after_digits = text.find_first_not_of("0123456789");
    if (after_digits != std::string::npos && after_digits > 0 && text[after_digits] == ';') text.insert(0, " ");
    return "\033]9;" + text + "\033\\" + bell;
}

Outcome show_on_terminal(const LocalRequest& request) {
    const auto device = request.target.empty() ? std::string("/dev/tty") : request.target;
    const FileHandle handle(::open(device.c_str(), O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
    if (!handle) {
        return failed(OutcomeKind::unsupported, "there is no terminal at " + device + ": " + errno_text(errno),
                      "set device to what the command tty prints");
    }
    struct stat info {};
    if (::fstat(handle.get(), &info) != 0 || !S_ISCHR(info.st_mode) || ::isatty(handle.get()) == 0 ||
        (!request.target.empty() && info.st_uid != ::geteuid())) {
        return failed(OutcomeKind::unsupported, device + " is no terminal of yours",
                      "set device to what the command tty prints");
    }
    return write_whole(handle.get(), terminal_sequence(request));
}

#if defined(__APPLE__)

Outcome show_on_desktop(const LocalRequest& request, const Environment&) {
    // The text travels as arguments and is never part of the script.
    const auto output = run_program({"osascript", "-e", "on run argv", "-e",
                                     "display notification (item 2 of argv) with title (item 1 of argv)", "-e",
                                     "end run", request.title, request.body},
                                    Millis(k_bus_patience_ms));
    if (output && output->exit_code == 0) return done();
    return failed(OutcomeKind::unsupported, "osascript cannot show a notification");
}

#else

struct CloseConnection {
    void operator()(DBusConnection* connection) const {
        dbus_connection_close(connection);
        dbus_connection_unref(connection);
    }
};
struct FreeMessage {
    void operator()(DBusMessage* message) const { dbus_message_unref(message); }
};
using Connection = std::unique_ptr<DBusConnection, CloseConnection>;
using BusMessage = std::unique_ptr<DBusMessage, FreeMessage>;

class BusError {
public:
    BusError() { dbus_error_init(&m_error); }
    BusError(const BusError&) = delete;
    BusError& operator=(const BusError&) = delete;
    ~BusError() { dbus_error_free(&m_error); }
    [[nodiscard]] DBusError* get() { return &m_error; }
    [[nodiscard]] std::string name() const { return m_error.name == nullptr ? "" : m_error.name; }
    [[nodiscard]] std::string text() const { return m_error.message == nullptr ? "no reason given" : m_error.message; }

private:
    DBusError m_error{};
};

/// Where the user's session bus listens; "" where there is none. libdbus's own search would start a bus.
std::string session_bus(const Environment& environment) {
    if (auto address = environment.get("DBUS_SESSION_BUS_ADDRESS"); !address.empty()) return address;
    auto folder = environment.get("XDG_RUNTIME_DIR");
    if (folder.empty()) folder = "/run/user/" + std::to_string(::getuid());
    return file_exists(folder + "/bus") ? "unix:path=" + folder + "/bus" : "";
}

BusMessage call(DBusConnection* connection, DBusMessage* message, BusError& error) {
    return BusMessage(dbus_connection_send_with_reply_and_block(connection, message, k_bus_patience_ms, error.get()));
}

BusMessage notifications_call(const char* method) {
    return BusMessage(dbus_message_new_method_call("org.freedesktop.Notifications", "/org/freedesktop/Notifications",
                                                   "org.freedesktop.Notifications", method));
}

bool understands_markup(DBusConnection* connection) {
    BusError error;
    const auto message = notifications_call("GetCapabilities");
    const auto reply = call(connection, message.get(), error);
    char** names = nullptr;
    int count = 0;
    if (!reply || !dbus_message_get_args(reply.get(), nullptr, DBUS_TYPE_ARRAY, DBUS_TYPE_STRING, &names, &count,
                                         DBUS_TYPE_INVALID)) {
        return false;
    }
    bool found = false;
    for (int i = 0; i < count; ++i)
        found = found || std::string_view(names[i]) == "body-markup";
    dbus_free_string_array(names);
    return found;
}

/// The hints: {"urgency": byte}.
void append_hints(DBusMessageIter& arguments, Urgency urgency) {
    DBusMessageIter hints;
    DBusMessageIter entry;
    DBusMessageIter value;
    const char* const name = "urgency";
    const unsigned char level = urgency == Urgency::low ? 0 : urgency == Urgency::urgent ? 2 : 1;
    dbus_message_iter_open_container(&arguments, DBUS_TYPE_ARRAY, "{sv}", &hints);
    dbus_message_iter_open_container(&hints, DBUS_TYPE_DICT_ENTRY, nullptr, &entry);
    dbus_message_iter_append_basic(&entry, DBUS_TYPE_STRING, &name);
    dbus_message_iter_open_container(&entry, DBUS_TYPE_VARIANT, "y", &value);
    dbus_message_iter_append_basic(&value, DBUS_TYPE_BYTE, &level);
    dbus_message_iter_close_container(&entry, &value);
    dbus_message_iter_close_container(&hints, &entry);
    dbus_message_iter_close_container(&arguments, &hints);
}

BusMessage make_notify(const LocalRequest& request, bool markup) {
    auto message = notifications_call("Notify");
    auto body_text = repair_utf8(clean_text(request.body));
    if (markup) {
        body_text = replace_all(replace_all(replace_all(body_text, "&", "&amp;"), "<", "&lt;"), ">", "&gt;");
    }
    const auto title_text = harmless(request.title);
    const char* const program = "mcp-push";
    const dbus_uint32_t replaces = 0;
    const char* const icon = "";
    const char* const title = title_text.c_str();
    const char* const body = body_text.c_str();
    const dbus_int32_t timeout = request.urgency == Urgency::urgent ? 0 : -1; // 0: until the person has seen it
    DBusMessageIter arguments;
    DBusMessageIter actions;
    dbus_message_iter_init_append(message.get(), &arguments);
    dbus_message_iter_append_basic(&arguments, DBUS_TYPE_STRING, &program);
    dbus_message_iter_append_basic(&arguments, DBUS_TYPE_UINT32, &replaces);
    dbus_message_iter_append_basic(&arguments, DBUS_TYPE_STRING, &icon);
    dbus_message_iter_append_basic(&arguments, DBUS_TYPE_STRING, &title);
    dbus_message_iter_append_basic(&arguments, DBUS_TYPE_STRING, &body);
    dbus_message_iter_open_container(&arguments, DBUS_TYPE_ARRAY, "s", &actions);
    dbus_message_iter_close_container(&arguments, &actions);
    append_hints(arguments, request.urgency);
    dbus_message_iter_append_basic(&arguments, DBUS_TYPE_INT32, &timeout);
    return message;
}

Outcome show_on_desktop(const LocalRequest& request, const Environment& environment) {
    constexpr std::string_view k_remedy = "start it from your desktop session, or use another channel";
    const auto address = session_bus(environment);
    if (address.empty()) {
        return failed(OutcomeKind::unsupported, "there is no desktop session here", std::string(k_remedy));
    }
    BusError error;
    const Connection connection(dbus_connection_open_private(address.c_str(), error.get()));
    if (!connection) return failed(OutcomeKind::unsupported, "the session bus cannot be reached: " + error.text());
    dbus_connection_set_exit_on_disconnect(connection.get(), FALSE);
    const BusMessage hello(
        dbus_message_new_method_call(DBUS_SERVICE_DBUS, DBUS_PATH_DBUS, DBUS_INTERFACE_DBUS, "Hello"));
    if (!call(connection.get(), hello.get(), error)) {
        return failed(OutcomeKind::transient, "the session bus does not answer: " + error.text());
    }
    const auto message = make_notify(request, understands_markup(connection.get()));
    const auto reply = call(connection.get(), message.get(), error);
    if (!reply) {
        const bool nobody = error.name() == DBUS_ERROR_SERVICE_UNKNOWN || error.name() == DBUS_ERROR_NAME_HAS_NO_OWNER;
        if (nobody)
            return failed(OutcomeKind::unsupported, "no desktop shows notifications here", std::string(k_remedy));
        return failed(OutcomeKind::transient, "the desktop does not take the notification: " + error.text());
    }
    dbus_uint32_t id = 0;
    dbus_message_get_args(reply.get(), nullptr, DBUS_TYPE_UINT32, &id, DBUS_TYPE_INVALID);
    return done(std::to_string(id));
}

#endif

class RealLocalSender final : public LocalSender {
public:
    explicit RealLocalSender(Environment environment) : m_environment(std::move(environment)) {}
    [[nodiscard]] Outcome send(const LocalRequest& request) override {
        switch (request.kind) {
        case LocalRequest::Kind::console:
            return show_on_console(request);
        case LocalRequest::Kind::terminal:
            return show_on_terminal(request);
        case LocalRequest::Kind::desktop:
            return show_on_desktop(request, m_environment);
        }
        return failed(OutcomeKind::unsupported, "not known here");
    }

private:
    Environment m_environment;
};

} // namespace

std::unique_ptr<LocalSender> make_local_sender(const Environment& environment) {
    return std::make_unique<RealLocalSender>(environment);
}

} // namespace mcp_push

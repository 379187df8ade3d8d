// SPDX-License-Identifier: MIT
#include "core/base/error.hpp"

#include <array>

namespace mcp_push {
namespace {

struct Traits {
    ErrorKind kind;
    std::string_view name;
    int exit_code;
    bool retry_helps;
};

constexpr std::array k_traits = {
    Traits{ErrorKind::usage, "usage", 64, false},       Traits{ErrorKind::payload, "payload", 65, false},
    Traits{ErrorKind::no_input, "no_input", 66, false}, Traits{ErrorKind::unreachable, "unreachable", 69, true},
    Traits{ErrorKind::storage, "storage", 1, true},     Traits{ErrorKind::network, "network", 1, true},
    Traits{ErrorKind::timeout, "timeout", 1, true},     Traits{ErrorKind::not_allowed, "not_allowed", 77, false},
    Traits{ErrorKind::config, "config", 78, false},     Traits{ErrorKind::unsupported, "unsupported", 1, false},
    Traits{ErrorKind::internal, "internal", 1, false},
};

const Traits& traits_of(ErrorKind kind) {
    for (const auto& row : k_traits) {
        if (row.kind == kind) return row;
    }
    return k_traits.back();
}

} // namespace

Error Error::with_context(std::string_view where) const& { return Error(*this).with_context(where); }

Error Error::with_context(std::string_view where) && {
    message.insert(0, std::string(where) + ": ");
    return std::move(*this);
}

std::string Error::text() const { return hint.empty() ? message : message + " (" + hint + ")"; }

std::string_view name_of(ErrorKind kind) { return traits_of(kind).name; }
int exit_code_of(ErrorKind kind) { return traits_of(kind).exit_code; }
bool retry_helps(ErrorKind kind) { return traits_of(kind).retry_helps; }

} // namespace mcp_push

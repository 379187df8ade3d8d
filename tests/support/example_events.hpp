// SPDX-License-Identifier: MIT
#pragma once

#include "core/model/event.hpp"

#include <string>
#include <vector>

namespace mcp_push {

/// An event as the outbox holds it: cleaned and redacted.
struct ExampleEvent {
    std::string name;
    Event event;
};

/// Events of each sort that a person may be told of, with texts as agents and commands write them, and hostile ones.
[[nodiscard]] std::vector<ExampleEvent> example_events();

} // namespace mcp_push

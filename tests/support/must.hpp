// SPDX-License-Identifier: MIT
#pragma once

#include "core/base/result.hpp"

#include <doctest/doctest.h>

namespace mcp_push {

/// The value of a call that must not fail here; otherwise the test case ends with the error's text.
template <class T>
[[nodiscard]] T must(Result<T> result) {
    if (!result) FAIL(result.error().text());
    return std::move(*result);
}

inline void must(const Status& status) {
    if (!status) FAIL(status.error().text());
}

} // namespace mcp_push

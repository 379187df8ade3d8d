// SPDX-License-Identifier: MIT
#pragma once

#include "core/base/error.hpp"

#include <utility>
#include <variant>

namespace mcp_push {

/// A value, or the Error that stands in its place. Functions of ours that can fail return one; no exception crosses
/// them.
template <class T>
class [[nodiscard]] Result {
public:
    Result(T value) : m_state(std::in_place_index<0>, std::move(value)) {}     // NOLINT(google-explicit-constructor)
    Result(Error error) : m_state(std::in_place_index<1>, std::move(error)) {} // NOLINT(google-explicit-constructor)

    [[nodiscard]] bool ok() const { return m_state.index() == 0; }
    explicit operator bool() const { return ok(); }

    /// Only when ok().
    [[nodiscard]] T& value() & { return *std::get_if<0>(&m_state); }
    [[nodiscard]] const T& value() const& { return *std::get_if<0>(&m_state); }
    [[nodiscard]] T&& value() && { return std::move(*std::get_if<0>(&m_state)); }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(*this).value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }
    [[nodiscard]] T value_or(T other) const& { return ok() ? value() : std::move(other); }

    /// Only when not ok().
    [[nodiscard]] Error& error() & { return *std::get_if<1>(&m_state); }
    [[nodiscard]] const Error& error() const& { return *std::get_if<1>(&m_state); }
    [[nodiscard]] Error&& error() && { return std::move(*std::get_if<1>(&m_state)); }

private:
    std::variant<T, Error> m_state;
};

template <>
class [[nodiscard]] Result<void> {
public:
    Result() = default;
    Result(Error error) : m_error(std::move(error)), m_ok(false) {} // NOLINT(google-explicit-constructor)

    [[nodiscard]] bool ok() const { return m_ok; }
    explicit operator bool() const { return m_ok; }
    [[nodiscard]] Error& error() & { return m_error; }
    [[nodiscard]] const Error& error() const& { return m_error; }
    [[nodiscard]] Error&& error() && { return std::move(m_error); }

private:
    Error m_error;
    bool m_ok = true;
};

using Status = Result<void>;

} // namespace mcp_push

#define MCP_PUSH_JOIN_(a, b) a##b
#define MCP_PUSH_JOIN(a, b) MCP_PUSH_JOIN_(a, b)

/// Returns the expression's error from the current function, if it has one. A statement of its own: one per line.
#define TRY(expression)                                                                                                \
    do {                                                                                                               \
        if (auto try_result_ = (expression); !try_result_) return std::move(try_result_).error();                      \
    } while (false)

/// `TRY_ASSIGN(const auto text, read_file(path));` declares `text`, or returns the error.
#define TRY_ASSIGN(declaration, expression)                                                                            \
    auto MCP_PUSH_JOIN(try_result_, __LINE__) = (expression);                                                          \
    if (!MCP_PUSH_JOIN(try_result_, __LINE__)) return std::move(MCP_PUSH_JOIN(try_result_, __LINE__)).error();         \
    declaration = std::move(MCP_PUSH_JOIN(try_result_, __LINE__)).value()

// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace mcp_push {

/// A value that must not be printed. There is no conversion to text: `reveal()` is the one way out, and a search for it
/// finds every place where a secret is used.
class Secret {
public:
    Secret() = default;
    explicit Secret(std::string value) : m_value(std::move(value)) {}

    [[nodiscard]] const std::string& reveal() const { return m_value; }
    [[nodiscard]] bool empty() const { return m_value.empty(); }
    bool operator==(const Secret&) const = default;

private:
    std::string m_value;
};

/// "abcd…" for values long enough to tell apart by their start, "…" otherwise.
[[nodiscard]] std::string mask(std::string_view secret);

/// The text with everything that looks like a credential replaced by "[redacted]": known token shapes, `Bearer ...`,
/// `password=...` and its kin, URLs with a user part, PEM private keys.
[[nodiscard]] std::string redact(std::string_view text);

} // namespace mcp_push

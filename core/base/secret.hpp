// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace mcp_push {

/// "abcd…" for values long enough to tell apart by their start, "…" otherwise.
[[nodiscard]] std::string mask(std::string_view secret);

/// The text with everything that looks like a credential replaced by "[redacted]": known token shapes, `Bearer ...`,
/// `password=...` and its kin, the secret part of well-known webhook addresses, a password or a token in front of an
/// address's host, PEM private keys. Where it cannot be told, a weak password counts more than a readable sentence;
/// what is plainly a word, a call or a variable stays. Linear in time.
[[nodiscard]] std::string redact(std::string_view text);

} // namespace mcp_push

// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace mcp_push {

/// The 32 raw bytes of HMAC-SHA256 (RFC 2104).
[[nodiscard]] std::string hmac_sha256(std::string_view key, std::string_view data);
/// Standard alphabet, padded (RFC 4648 4).
[[nodiscard]] std::string base64_encode(std::string_view bytes);
/// HMAC-SHA256 in Base64, as DingTalk, Feishu and others sign.
[[nodiscard]] inline std::string hmac_sha256_base64(std::string_view key, std::string_view data) {
    return base64_encode(hmac_sha256(key, data));
}

} // namespace mcp_push

// SPDX-License-Identifier: MIT
#pragma once

#include "core/base/paths.hpp"

#include <string>
#include <string_view>

namespace mcp_push {

/// Through which proxy a request goes, and which hosts are reached without it.
struct ProxyChoice {
    std::string proxy;  ///< "": none
    std::string except; ///< as NO_PROXY is written
};

/// A channel's own proxy comes first, without exceptions ("none" means a direct connection); then the general one of
/// `[http] proxy`; then the environment as curl(1) reads it: `http_proxy` in lower case only, `https_proxy` or
/// `HTTPS_PROXY`, `all_proxy` or `ALL_PROXY`, and `no_proxy` or `NO_PROXY`.
[[nodiscard]] ProxyChoice choose_proxy(std::string_view url, std::string_view own, std::string_view general,
                                       const Environment& environment);

} // namespace mcp_push

// SPDX-License-Identifier: MIT
#include "channels/net/proxy.hpp"

#include "core/base/text.hpp"

#include <initializer_list>

namespace mcp_push {
namespace {

std::string first_of(const Environment& environment, std::initializer_list<std::string_view> names) {
    for (const auto name : names) {
        if (auto value = environment.get(name); !value.empty()) return value;
    }
    return {};
}

bool means_none(std::string_view proxy) { return equals_ignoring_case(proxy, "none"); }

} // namespace

ProxyChoice choose_proxy(std::string_view url, std::string_view own, std::string_view general,
                         const Environment& environment) {
    if (!own.empty()) return {means_none(own) ? std::string() : std::string(own), {}};
    if (means_none(general)) return {};
    ProxyChoice choice{std::string(general), first_of(environment, {"no_proxy", "NO_PROXY"})};
    if (!choice.proxy.empty()) return choice;
    // HTTP_PROXY in capitals is left alone: a CGI program's environment has it from a request's "Proxy:" header.
    choice.proxy = equals_ignoring_case(url.substr(0, 6), "https:")
                       ? first_of(environment, {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"})
                       : first_of(environment, {"http_proxy", "all_proxy", "ALL_PROXY"});
    return choice;
}

} // namespace mcp_push

// SPDX-License-Identifier: MIT
#include "channels/request.hpp"

#include "core/base/json.hpp"
#include "core/base/text.hpp"

namespace mcp_push {
namespace {

HttpRequest post_text(std::string url, std::string body, std::string_view type) {
    HttpRequest request;
    request.url = std::move(url);
    request.headers.push_back({"Content-Type", std::string(type)});
    request.body = std::move(body);
    return request;
}

} // namespace

HttpRequest post_json(std::string url, const nlohmann::json& body) {
    return post_text(std::move(url), dump_json(body), "application/json; charset=utf-8");
}

HttpRequest post_json(std::string url, const nlohmann::ordered_json& body) {
    return post_text(std::move(url), dump_json(body), "application/json; charset=utf-8");
}

HttpRequest post_form(std::string url, const std::vector<std::pair<std::string, std::string>>& pairs) {
    std::string body;
    for (const auto& [name, value] : pairs) {
        if (!body.empty()) body += '&';
        body += percent_encode(name) + "=" + percent_encode(value);
    }
    return post_text(std::move(url), std::move(body), "application/x-www-form-urlencoded");
}

std::string with_query(std::string url, std::string_view name, std::string_view value) {
    url += url.find('?') == std::string::npos ? '?' : '&';
    return url + percent_encode(name) + "=" + percent_encode(value);
}

} // namespace mcp_push

// SPDX-License-Identifier: MIT
#include "core/base/json.hpp"

#include "core/base/text.hpp"

#include <nlohmann/json.hpp>

#include <vector>

namespace mcp_push {
namespace {

/// Builds a document while it is read, leaving out what exceeds the limits. A parser's own tree would hold all of a
/// 64 MiB payload several times over.
class BoundedReader final : public nlohmann::json_sax<Json> {
public:
    explicit BoundedReader(const JsonLimits& limits) : m_limits(limits) {}

    bool null() override { return put(nullptr); }
    bool boolean(bool value) override { return put(value); }
    bool number_integer(number_integer_t value) override { return put(value); }
    bool number_unsigned(number_unsigned_t value) override { return put(value); }
    bool number_float(number_float_t value, const string_t&) override { return put(value); }
    bool string(string_t& value) override { return put(shortened(value)); }
    bool binary(binary_t&) override { return put(nullptr); }
    bool start_object(std::size_t) override { return open(Json::object()); }
    bool start_array(std::size_t) override { return open(Json::array()); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }
    bool key(string_t& value) override {
        m_key = shortened(value);
        return true;
    }
    bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
        m_position = position;
        return false;
    }

    Json take() { return std::move(m_root); }
    /// Nothing that follows would be kept: reading has stopped.
    [[nodiscard]] bool full() const { return m_count >= m_limits.elements; }
    [[nodiscard]] std::size_t position() const { return m_position; }

private:
    std::string shortened(string_t& value) const {
        if (value.size() <= m_limits.string_bytes) return std::move(value);
        return std::string(cut(value, m_limits.string_bytes));
    }

    /// Where a value of this moment belongs; null when it is to be left out.
    Json* place(Json&& value) {
        if (m_skipped > 0 || m_count >= m_limits.elements) return nullptr;
        ++m_count;
        if (m_open.empty()) {
            m_root = std::move(value);
            return &m_root;
        }
        Json& parent = *m_open.back();
        if (parent.is_array()) {
            parent.push_back(std::move(value));
            return &parent.back();
        }
        Json& slot = parent[m_key];
        slot = std::move(value);
        return &slot;
    }

    template <class T>
    bool put(T&& value) {
        place(Json(std::forward<T>(value)));
        return !full();
    }

    bool open(Json&& container) {
        Json* const placed = m_open.size() < m_limits.depth ? place(std::move(container)) : nullptr;
        if (placed != nullptr) {
            m_open.push_back(placed);
        } else {
            ++m_skipped;
        }
        return !full();
    }

    bool close() {
        if (m_skipped > 0) {
            --m_skipped;
        } else {
            m_open.pop_back();
        }
        return true;
    }

    const JsonLimits& m_limits;
    Json m_root;
    std::vector<Json*> m_open;
    std::string m_key;
    std::size_t m_skipped = 0;
    std::size_t m_count = 0;
    std::size_t m_position = 0;
};

/// From here on strings are cut before they are parsed: memchr(3) crosses in milliseconds what the parser, byte by
/// byte, would still be reading when an agent's patience ends.
constexpr std::size_t k_large_document = 1 << 20;
/// The most bytes that one byte of a string takes in a document: a character written as \u0041.
constexpr std::size_t k_longest_escape = 6;

/// The quote that ends the string beginning at `begin`.
std::size_t find_string_end(std::string_view text, std::size_t begin) {
    for (std::size_t end = text.find('"', begin); end != std::string_view::npos; end = text.find('"', end + 1)) {
        std::size_t slashes = 0;
        while (end - slashes > begin && text[end - slashes - 1] == '\\')
            ++slashes;
        if (slashes % 2 == 0) return end;
    }
    return std::string_view::npos;
}

/// Where a string may be cut: at most `most` bytes from its begin, inside neither a character nor an escape sequence.
std::size_t find_cut(std::string_view text, std::size_t most) {
    for (std::size_t at = text.find('\\'); at < most;) {
        const bool pair = text.substr(at, 4).find_first_of("89abAB", 3) == 3 && text.substr(at, 2) == "\\u" &&
                          (text[at + 2] == 'd' || text[at + 2] == 'D');
        const std::size_t length = pair ? 12 : text.substr(at, 2) == "\\u" ? 6 : 2;
        if (at + length > most) return at;
        at = text.find('\\', at + length);
    }
    return cut(text, most).size();
}

std::string cut_strings(std::string_view text, std::size_t most) {
    std::string shortened;
    std::size_t copied = 0;
    for (std::size_t at = text.find('"'); at != std::string_view::npos; at = text.find('"', at)) {
        const std::size_t begin = at + 1;
        const std::size_t end = find_string_end(text, begin);
        if (end == std::string_view::npos) break;
        if (end - begin > most) {
            const std::size_t stop = begin + find_cut(text.substr(begin, end - begin), most);
            shortened.append(text, copied, stop - copied);
            copied = end;
        }
        at = end + 1;
    }
    return shortened.append(text.substr(copied));
}

template <class J>
std::string dump(const J& value, int indent) {
    return value.dump(indent, ' ', false, J::error_handler_t::replace);
}

} // namespace

Result<Json> parse_json(std::string_view text, const JsonLimits& limits) {
    std::string shortened;
    if (text.size() > k_large_document && limits.string_bytes < text.size()) {
        shortened = cut_strings(text, limits.string_bytes * k_longest_escape);
        text = shortened;
    }
    BoundedReader reader(limits);
    if (Json::sax_parse(text, &reader) || reader.full()) return reader.take();
    if (!is_valid_utf8(text)) {
        BoundedReader second(limits);
        if (Json::sax_parse(repair_utf8(text), &second) || second.full()) return second.take();
    }
    if (trim(text).empty()) return Error{ErrorKind::payload, "empty where JSON was expected"};
    return Error{ErrorKind::payload, "not valid JSON at byte " + std::to_string(reader.position())};
}

std::string dump_json(const Json& value) { return dump(value, -1); }
std::string dump_json(const OrderedJson& value) { return dump(value, -1); }
std::string dump_json_pretty(const Json& value) { return dump(value, 2); }
std::string dump_json_pretty(const OrderedJson& value) { return dump(value, 2); }

const Json& member(const Json& object, std::string_view key) {
    static const Json k_null;
    if (!object.is_object()) return k_null;
    const auto found = object.find(key);
    return found == object.end() ? k_null : *found;
}

const Json& array_member(const Json& object, std::string_view key) {
    static const Json k_empty = Json::array();
    const Json& value = member(object, key);
    return value.is_array() ? value : k_empty;
}

std::string string_member(const Json& object, std::string_view key, std::string_view other) {
    const Json& value = member(object, key);
    return value.is_string() ? value.get_ref<const std::string&>() : std::string(other);
}

std::optional<std::int64_t> integer_member(const Json& object, std::string_view key) {
    const Json& value = member(object, key);
    if (value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX) return std::nullopt;
    if (value.is_number_integer()) return value.get<std::int64_t>();
    if (value.is_number_float()) {
        const double number = value.get<double>();
        if (number > -9e18 && number < 9e18) return static_cast<std::int64_t>(number);
    }
    return std::nullopt;
}

bool bool_member(const Json& object, std::string_view key, bool other) {
    const Json& value = member(object, key);
    return value.is_boolean() ? value.get<bool>() : other;
}

} // namespace mcp_push

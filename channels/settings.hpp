// SPDX-License-Identifier: MIT
#pragma once

#include "channels/channel.hpp"

#include <string>
#include <vector>

namespace mcp_push {

/// A channel's settings as its type wants them: required ones are there, defaults filled in, words of a choice spelt as
/// the spec spells them, the type's own normalisation done. Beside the type's fields every channel has `proxy`,
/// `timeout` and `base_url`. Error kind config, naming channel and key and never a value that is a secret.
[[nodiscard]] Result<Settings> make_settings(const ChannelType& type, const ChannelConfig& channel);

/// Everything that a person should mend in a channel's settings: what make_settings refuses, and keys that its type
/// does not know, with the nearest known one. References that are still to be fetched count as present.
[[nodiscard]] std::vector<Problem> check_settings(const ChannelType& type, const ChannelConfig& channel);

/// Every value of the settings that must not be shown, longest first.
[[nodiscard]] std::vector<std::string> secrets_of(const ChannelSpec& spec, const Settings& settings);
/// `text` with each of them replaced by "[redacted]", also in percent-encoded form; what looks like a credential too.
[[nodiscard]] std::string without_secrets(std::string text, const std::vector<std::string>& secrets);

} // namespace mcp_push

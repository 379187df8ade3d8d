// SPDX-License-Identifier: MIT
#pragma once

#include "core/base/paths.hpp"
#include "core/base/result.hpp"
#include "core/config/config_file.hpp"

#include <optional>
#include <string>
#include <vector>

namespace mcp_push {

// A project's own files may name channels and redirect messages only where the user said so: `mcp-push config trust
// DIR` writes the folder and a digest of those files to `trusted` in the state folder. Any change takes the trust away.

/// The files of a folder that trust is about, as read at once: `.mcp-push.toml`, `config.sh`, `.env`.
struct TrustedFiles {
    std::optional<ConfigFile> toml;
    std::optional<ConfigFile> shell;
    std::optional<ConfigFile> dotenv;
};
[[nodiscard]] TrustedFiles load_trusted_files(const std::string& folder, const Paths& paths,
                                              std::vector<Problem>& problems);
/// 64 hexadecimal digits over the names and contents of what is there.
[[nodiscard]] std::string digest_of(const TrustedFiles& files);

/// What the user has trusted: read once, asked often.
class TrustList {
public:
    /// An unreadable list trusts nothing.
    [[nodiscard]] static TrustList load(const Paths& paths);
    [[nodiscard]] bool empty() const { return m_entries.empty(); }
    /// The digest that `folder` was trusted with, or "".
    [[nodiscard]] std::string digest_for(std::string_view folder) const;

private:
    friend Status write_trust(const Paths&, const std::string&, const std::string&);
    struct Entry {
        std::string digest;
        std::string folder;
    };
    std::vector<Entry> m_entries;
};

/// Whether a folder is trusted with its files as they are now.
[[nodiscard]] bool is_trusted(const Paths& paths, const std::string& folder);
/// Trusts a folder with its files as they are now. Kind no_input where it has none of them or is no folder.
[[nodiscard]] Status trust_dir(const Paths& paths, const std::string& folder);
/// Takes the trust back; no error where there was none.
[[nodiscard]] Status distrust_dir(const Paths& paths, const std::string& folder);

} // namespace mcp_push

#pragma once

#include <string>
#include <vector>

namespace skillbox {

/// What `skillbox mcp` is told, as the program that serves, a server's address and the
/// configuration of a client say it.
struct McpWishes {
    std::vector<std::string> include;
    std::vector<std::string> exclude;
    std::vector<std::string> tags;
    std::string session;

    /// `--include a --exclude b`.
    std::vector<std::string> arguments() const;
    /// `?include=a&exclude=b`; empty: none.
    std::string query() const;
};

} // namespace skillbox

#pragma once

#include "engine/sandbox/protocol/messages.h"

#include <linux/seccomp.h>

#include <map>
#include <tuple>

namespace skillbox::launcher {

/// Counts refused calls by kind. What a script chooses (numbers, arguments) makes it no larger than
/// protocol::maxRefusedKinds.
class RefusedCallBook
{
public:
    /// True if somebody should hear of it now: the kind is new, or its count has doubled.
    bool add(const seccomp_data &call, int errorNumber);
    std::vector<protocol::RefusedCalls> entries() const;

private:
    /// Number of the call, and the arguments that tell its kinds apart.
    using Kind = std::tuple<int, uint32_t, uint32_t>;
    struct Entry {
        int errorNumber = 0;
        uint64_t count = 0;
    };
    static Kind kindOf(const seccomp_data &call);
    std::map<Kind, Entry> m_entries;
    uint64_t m_others = 0;
};

} // namespace skillbox::launcher

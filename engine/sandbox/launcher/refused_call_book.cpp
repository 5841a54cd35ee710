#include "engine/sandbox/launcher/refused_call_book.h"

#include <sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <algorithm>
#include <bit>
#include <charconv>

namespace skillbox::launcher {
namespace {

struct CallName {
    int number;
    const char *name;
};
// From libseccomp, when the launcher is built.
#include "call_names.inc"

std::string nameOf(int number)
{
    const auto *found = std::lower_bound(std::begin(callNames), std::end(callNames), number,
                                         [](const CallName &call, int wanted) {
                                             return call.number < wanted;
                                         });
    if (found != std::end(callNames) && found->number == number)
        return found->name;
    return "number " + std::to_string(number);
}

std::string hexadecimal(uint32_t value)
{
    char digits[8];
    const auto end = std::to_chars(std::begin(digits), std::end(digits), value, 16);
    return "0x" + std::string(digits, end.ptr);
}

std::string familyName(uint32_t family)
{
    constexpr std::pair<uint32_t, const char *> names[] = {
        {AF_UNIX, "AF_UNIX"},       {AF_INET, "AF_INET"},     {AF_INET6, "AF_INET6"},
        {AF_NETLINK, "AF_NETLINK"}, {AF_PACKET, "AF_PACKET"}, {AF_BLUETOOTH, "AF_BLUETOOTH"},
        {AF_ALG, "AF_ALG"},         {AF_VSOCK, "AF_VSOCK"},   {44, "AF_XDP"},
    };
    for (const auto &[number, name] : names) {
        if (number == family)
            return name;
    }
    return "family " + std::to_string(family);
}

std::string socketKind(uint32_t family, uint32_t type)
{
    switch (type) {
    case SOCK_STREAM: return familyName(family) + " stream";
    case SOCK_DGRAM: return familyName(family) + " datagram";
    case SOCK_RAW: return familyName(family) + " raw";
    default: return familyName(family) + " type " + std::to_string(type);
    }
}

std::string detailOf(int call, uint32_t first, uint32_t second)
{
    switch (call) {
    case SYS_socket:
    case SYS_socketpair: return socketKind(first, second);
    case SYS_ioctl: return "request " + hexadecimal(first);
    case SYS_prctl: return "option " + std::to_string(first);
    case SYS_clone: return "flags " + hexadecimal(first);
    default: return {};
    }
}

} // namespace

RefusedCallBook::Kind RefusedCallBook::kindOf(const seccomp_data &call)
{
    const auto argument = [&call](int index) { return static_cast<uint32_t>(call.args[index]); };
    constexpr uint32_t typeMask = 0xf; // above it stand SOCK_CLOEXEC and SOCK_NONBLOCK
    switch (call.nr) {
    case SYS_socket:
    case SYS_socketpair: return {call.nr, argument(0), argument(1) & typeMask};
    case SYS_ioctl: return {call.nr, argument(1), 0};
    case SYS_prctl: return {call.nr, argument(0), 0};
    case SYS_clone: return {call.nr, argument(0) & ~static_cast<uint32_t>(CSIGNAL), 0};
    default: return {call.nr, 0, 0};
    }
}

bool RefusedCallBook::add(const seccomp_data &call, int errorNumber)
{
    const Kind kind = kindOf(call);
    const auto found = m_entries.find(kind);
    uint64_t count = 0;
    if (found != m_entries.end())
        count = ++found->second.count;
    else if (m_entries.size() + 1 < protocol::maxRefusedKinds) // the last place is for the others
        count = m_entries.emplace(kind, Entry{errorNumber, 1}).first->second.count;
    else
        count = ++m_others;
    return std::has_single_bit(count);
}

std::vector<protocol::RefusedCalls> RefusedCallBook::entries() const
{
    std::vector<protocol::RefusedCalls> all;
    for (const auto &[kind, entry] : m_entries) {
        const auto &[call, first, second] = kind;
        all.push_back({nameOf(call), detailOf(call, first, second),
                       static_cast<uint32_t>(entry.errorNumber), entry.count});
    }
    if (m_others > 0)
        all.push_back({"others", {}, 0, m_others});
    return all;
}

} // namespace skillbox::launcher

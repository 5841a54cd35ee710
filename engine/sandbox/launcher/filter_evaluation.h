#pragma once

#include <linux/filter.h>
#include <linux/seccomp.h>

#include <cstdint>
#include <span>

namespace skillbox::launcher {

/// What the kernel would answer for a call by this filter: a SECCOMP_RET_ value. Knows what
/// libseccomp writes: loads of words, masks, comparisons and jumps; anything else, and a program
/// that runs off its end, kills.
uint32_t evaluateFilter(std::span<const sock_filter> program, const seccomp_data &call);

} // namespace skillbox::launcher

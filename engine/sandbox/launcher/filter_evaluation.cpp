#include "engine/sandbox/launcher/filter_evaluation.h"

#include <cstring>

namespace skillbox::launcher {
namespace {

bool compares(const sock_filter &step, uint32_t value)
{
    switch (BPF_OP(step.code)) {
    case BPF_JEQ: return value == step.k;
    case BPF_JGT: return value > step.k;
    case BPF_JGE: return value >= step.k;
    default: return (value & step.k) != 0; // BPF_JSET
    }
}

} // namespace

uint32_t evaluateFilter(std::span<const sock_filter> program, const seccomp_data &call)
{
    uint32_t value = 0;
    for (size_t at = 0; at < program.size();) {
        const sock_filter &step = program[at++];
        switch (step.code) {
        case BPF_LD | BPF_W | BPF_ABS:
            if (step.k > sizeof call - sizeof value)
                return SECCOMP_RET_KILL_PROCESS;
            std::memcpy(&value, reinterpret_cast<const char *>(&call) + step.k, sizeof value);
            break;
        case BPF_ALU | BPF_AND | BPF_K: value &= step.k; break;
        case BPF_JMP | BPF_JA: at += step.k; break;
        case BPF_JMP | BPF_JEQ | BPF_K:
        case BPF_JMP | BPF_JGT | BPF_K:
        case BPF_JMP | BPF_JGE | BPF_K:
        case BPF_JMP | BPF_JSET | BPF_K: at += compares(step, value) ? step.jt : step.jf; break;
        case BPF_RET | BPF_K: return step.k;
        default: return SECCOMP_RET_KILL_PROCESS;
        }
    }
    return SECCOMP_RET_KILL_PROCESS;
}

} // namespace skillbox::launcher

#pragma once

#include <cstdio>
#include <cstdlib>

/// Ends the program, as a crash that libFuzzer keeps the input of, when an invariant does not hold.
#define FUZZ_REQUIRE(condition)                                                                    \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            std::fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition);    \
            std::abort();                                                                          \
        }                                                                                          \
    } while (false)

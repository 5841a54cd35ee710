#pragma once

#include <chrono>

namespace skillbox {

/// How old the keys of a provider may be.
struct ProviderTiming {
    std::chrono::milliseconds refreshed{10 * 60'000}; ///< fetched anew so often
    /// And so often at most: after a failure, and for keys that nobody knows.
    std::chrono::milliseconds pause{30'000};
    /// Keys that could not be fetched anew are used so long: a provider that is down shall not lock
    /// out those it has signed in, one that was taken away shall not let them in for ever.
    std::chrono::milliseconds outlive{24 * 3600'000};
    /// A caller waits so long for keys that are being fetched; once each time.
    std::chrono::milliseconds patience{250};
};

} // namespace skillbox

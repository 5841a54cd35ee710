#pragma once

#include <cstdint>

namespace skillbox::launcher {

// Whether a test that breaks out can fail: skillbox-sandbox-weakened, which is built for tests
// only, leaves out the controls that a file beside it names. In skillbox-sandbox all of this is
// nothing.

#ifdef SKILLBOX_TEST_WEAKEN

/// Whether the file `<path of this program>.weaken` has a line with this name.
bool weakened(const char *control);
/// CLONE_NEW… flags of the namespaces that are to be left out.
uint64_t weakenedNamespaces();
/// Puts folders of the host over the finished view, relative to the working folder.
void exposeHost();
/// Carries every capability of the sandbox's user namespace over the coming execve(2).
void keepCapabilities();

#else

constexpr bool weakened(const char *)
{
    return false;
}
constexpr uint64_t weakenedNamespaces()
{
    return 0;
}
inline void exposeHost() { }
inline void keepCapabilities() { }

#endif

} // namespace skillbox::launcher

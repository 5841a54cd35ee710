#pragma once

#include <string>

namespace skillbox::launcher {

/// Tells the launcher that a sandbox could not be made.
void reportFailure(int statusSocket, const std::string &stage, int errorNumber);

} // namespace skillbox::launcher

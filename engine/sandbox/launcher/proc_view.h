#pragma once

#include <string>

namespace skillbox::launcher {

/// A private /proc of the sandbox's own pid namespace, wholly read-only, with what tells about the
/// host covered. Relative to the working folder; needs its dev/null and runs before the pivot.
/// Returns the value to report.
std::string makeProcView();

} // namespace skillbox::launcher

#pragma once

#include <string>
#include <vector>

namespace skillbox::preview {

/// Locks this process in for good, before it looks at a file that is not trusted: bounds of memory
/// and processor time, no new privileges, no way to start a process, to open a connection, to write
/// a file, to signal or trace another process; and to read only below `readable` (fonts and the
/// tables of their encodings), where the kernel has Landlock, and nothing at all where not. What is
/// open stays usable. The process must have one thread. False: `why` says what could not be done,
/// and nothing must be decoded.
bool confine(const std::vector<std::string> &readable, std::string &why);

} // namespace skillbox::preview

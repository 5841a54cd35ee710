#pragma once

namespace skillbox::launcher {

/// Removes every capability from all five sets (capabilities(7)), locks the securebits so that no
/// uid 0 and no file can give any back, and sets no_new_privs. Last step that needs a capability.
void dropAllPrivileges();

} // namespace skillbox::launcher

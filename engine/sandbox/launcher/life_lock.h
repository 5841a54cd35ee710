#pragma once

namespace skillbox::launcher {

/// Tells the launcher's children for certain whether it still lives. An open socket does not: any
/// process cloned a moment ago still holds copies of all of the launcher's descriptors. A record
/// lock belongs to the process that took it and is not inherited (fcntl(2)); it is released when
/// that process closes its files, which is before its children get their death signal.

/// A file that the caller has locked for as long as it lives and keeps it open. Throws SetupError.
int makeLifeLock();
/// In a child, on the descriptor it inherited.
bool launcherLives(int lifeLock);

} // namespace skillbox::launcher

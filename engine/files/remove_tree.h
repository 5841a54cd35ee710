#pragma once

namespace skillbox {

/// Removes `name` of the open folder `folder`, and everything below it if it is a folder, whatever
/// the bytes of its names are and never through a link. False: something could not be removed and
/// is still there. Holds one descriptor a level.
bool removeTree(int folder, const char *name);

/// The same for what lies in `folder`, which itself stays.
bool removeContents(int folder);

} // namespace skillbox

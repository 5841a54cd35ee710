#pragma once

#include "engine/storage/records.h"

#include <QStringList>

namespace skillbox {

/// The version that `latest` means: the highest by SemVer order, pre-releases only if there is
/// nothing else. Of versions that differ in their build part only, the first in the list. Empty for
/// an empty list.
QString latestOf(const QStringList &versions);

/// Sorts by name, then highest version first.
void sortByVersion(QList<SkillVersionRecord> &rows);

} // namespace skillbox

#pragma once

#include <QSet>
#include <QString>
#include <QStringList>

#include <sys/types.h>

/// What a run could leave on the host, counted from /proc and /sys.

/// Makes orphans of this process's descendants its children, so that none gets out of sight.
void adoptOrphans();
/// Living processes below this one; waits for those of its own children that have ended.
QSet<pid_t> livingDescendants(pid_t of);
/// Folders of control groups that launchers with these pids have made.
QStringList controlGroupsOf(const QSet<pid_t> &launchers);
int mountCount();
int descriptorCount();

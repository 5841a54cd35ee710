#pragma once

#include <QJsonArray>
#include <QStringList>

namespace skillbox {

/// `socket AF_INET stream ×3 (EAFNOSUPPORT)`, for each kind of the list in a run's
/// `sandbox.refused`.
QStringList refusedCallLines(const QJsonArray &refused);

/// The lists of several runs as one, their counts added.
QJsonArray mergedRefusedCalls(const QList<QJsonArray> &lists);

/// Whether a refused call was a try to reach a network.
bool isNetworkCall(const QJsonValue &refused);

/// Calls that interpreters and their libraries make by habit, whatever a script does, and do
/// without when they are refused.
bool isHabitOfRuntimes(const QJsonValue &refused);

} // namespace skillbox

#pragma once

#include "engine/storage/records.h"

#include <QTreeWidget>

namespace skillbox {

/// Tables of what is known of a run: a name and a value a row.

QTreeWidget *factTable(const QString &name, const QString &title);
/// Level, controls that applied and usage, as the record's report has them.
void showSandboxFacts(QTreeWidget &table, const ExecutionRecord &record);
/// Its ids, times and end.
void showRunFacts(QTreeWidget &table, const ExecutionRecord &record);

} // namespace skillbox

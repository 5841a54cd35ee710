#pragma once

#include "app/cli/json_writer.h"
#include "app/cli/terminal.h"
#include "engine/skill/finding.h"

namespace skillbox {

/// `dir/SKILL.md:3:1: error: … [ID]` with the hint below, a finding each; `where` goes before the
/// file.
void printFindings(Terminal &terminal, const QString &where, const QList<Finding> &findings);

/// `2 errors, 1 warning`; empty when there is nothing.
QString findingsSummary(const QList<Finding> &findings);

/// An array of findings as resources/schemas/lint-report.schema.json describes them.
void writeFindings(JsonWriter &json, const QList<Finding> &findings);

} // namespace skillbox

#pragma once

#include "engine/base/origin.h"
#include "engine/base/result.h"
#include "engine/storage/records.h"

namespace skillbox {

/// How a caller names a skill. An empty version or `latest` is the newest published by SemVer order
/// that is not yanked; pre-releases only if nothing else. A tag of the skill is the version it is
/// on.
struct SkillRef {
    TenantId tenant;
    QString name;
    QString version;
};

// What the registry's calls make of one. Errors are BadRequest unless said otherwise.

bool meansLatest(const QString &version);
/// `[a-z][a-z0-9._-]{0,63}`, but not `latest`.
bool isTag(const QString &text);
/// What a caller may write for a skill's name; publishing is stricter.
Result<void> checkSkillName(const QString &name);
Result<void> checkRef(const SkillRef &ref);
/// For what changes a version: `latest` or a tag may mean another one by the time it is done.
Result<void> checkExactRef(const SkillRef &ref);
/// NotFound, these two.
Error noSuchVersion(const SkillRef &ref);
Error noSuchTag(const QString &name, const QString &tag);
/// For something that `by` did to the version.
AuditRecord auditOf(const SkillRef &ref, const QString &action, const Origin &by,
                    const QJsonObject &details = {});

} // namespace skillbox

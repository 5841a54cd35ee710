#pragma once

#include <QLatin1StringView>
#include <QStringView>

#include <optional>

namespace skillbox {

/// What a key may do in its tenant. Reader < Runner < Publisher < Admin; an Auditor reads
/// everything of the tenant, the audit included, and changes nothing.
enum class Role { Reader, Runner, Publisher, Admin, Auditor };

enum class Permission {
    Read,       ///< skills, executions, files
    Run,        ///< executions, sessions, files to give to them
    Publish,    ///< skills: publish, yank, tag, delete
    Administer, ///< keys
    Audit,      ///< read the audit
};

bool allows(Role role, Permission permission);
QLatin1StringView roleName(Role role); ///< `reader`, `runner`, …
std::optional<Role> roleFromName(QStringView name);

} // namespace skillbox

#pragma once

#include "engine/base/ids.h"

#include <QString>

#include <optional>
#include <variant>

namespace skillbox {

/// A file of a skill: `skill://NAME/PATH`, as the Skills extension of the protocol writes it.
struct SkillFileUri {
    QString skill;
    QString path;
};

/// Something a run left: `skillbox://executions/ID/files/PATH`, `…/output`, `…/logs`.
struct RunResourceUri {
    enum class What { File, Output, Logs };
    ExecutionId execution;
    What what = What::File;
    QString path = {}; ///< File
};

QString skillUri(const QString &skill, const QString &path);
QString runUri(const RunResourceUri &resource);

/// Nothing: it is no address of ours. Paths are as they come and prove nothing about a file.
std::optional<std::variant<SkillFileUri, RunResourceUri>> parseResourceUri(const QString &uri);

} // namespace skillbox

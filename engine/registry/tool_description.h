#pragma once

#include "engine/storage/records.h"

#include <QHash>

#include <optional>

namespace skillbox {

/// A skill as a function that a model can call: what MCP, the APIs of model vendors and agent
/// frameworks all want of one. Pure values; the same skills give the same descriptions.
struct ToolDescription {
    QString name;  ///< `[A-Za-z0-9_-]{1,64}`
    QString title; ///< for people
    QString description;
    QString skill;
    QString version;
    QString digest;
    /// JSON Schema of the arguments, always of type `object` and without combinations at its root;
    /// permissive where the skill has none. The skill's own schema is checked when it is called.
    QJsonObject inputSchema;
    /// The one argument whose value is the skill's input, where that is no object; empty: the
    /// arguments are the input.
    QString inputArgument;
    /// `schemas/output.json`, where it describes objects.
    std::optional<QJsonObject> outputSchema;
};

/// A name for each skill that every vendor's API takes: the skill's own where it is one, else with
/// `_` for what is not allowed, cut at 64 characters. Where two would be the same, the skill that
/// is really called so keeps it and others end in eight digits of their own name's SHA-256, so that
/// a name never depends on the order or on when a skill was published.
QHash<QString, QString> toolNames(const QStringList &skills);

/// `record` with its manifest; `name` is what toolNames() gave it.
ToolDescription describeTool(const SkillVersionRecord &record, const QString &name);

/// Whether the version can be called: its mode is executable.
bool isTool(const SkillVersionRecord &record);

} // namespace skillbox

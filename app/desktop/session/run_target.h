#pragma once

#include "engine/base/result.h"

#include <QByteArray>
#include <QList>
#include <QString>
#include <QStringList>

#include <chrono>
#include <optional>

namespace skillbox {

class Engine;

/// Which skill a run is for: a published one or a folder.
struct RunTargetQuery {
    QString skill;
    QString version; ///< empty: the newest
    QString directory = {};
};

/// An input that a skill brings with it, one of its `tests/*.json`.
struct ExampleInput {
    QString name;
    QString description;
    QByteArray input;        ///< JSON text
    bool needsFiles = false; ///< the case brings input files, too
};

/// What a run of a skill can be given.
struct RunTarget {
    QString name;
    QString version;
    QString description;
    QString directory;      ///< as asked for; empty: published
    QStringList versions;   ///< newest first; empty for a folder
    QStringList scripts;    ///< what can be an entrypoint
    QString entrypoint;     ///< the usual one; empty: instructions only
    QByteArray inputSchema; ///< text of schemas/input.json; empty: the skill has none
    QString schemaProblem;  ///< why it is not usable
    QList<ExampleInput> examples;
    QString digest;
    std::chrono::milliseconds timeout{}; ///< what a run gets, clamped as the engine does
    qint64 memoryBytes = 0;
    int milliCpu = 0;
    QStringList files;
};

/// Blocks: reads the skill's files.
Result<RunTarget> describeTarget(Engine &engine, const RunTargetQuery &query);

} // namespace skillbox

#pragma once

#include "engine/base/result.h"
#include "engine/skill/manifest.h"

#include <QStringList>

#include <optional>

namespace skillbox {

/// What a run starts: a path inside the skill and the interpreter for it.
struct Entrypoint {
    QString path;
    Language language;
};

/// The script a run starts by default: the manifest's `entrypoint`, else root then `scripts/`, each
/// in the order main.py, run.py, main.js, run.js, index.js, main.mjs, main.sh, run.sh. `lang` picks
/// the interpreter, without it the extension does. Nothing found: the skill is instructions only.
/// A declared entrypoint that is not among `files` is an InvalidSkill error.
Result<std::optional<Entrypoint>> findEntrypoint(const Manifest &manifest,
                                                 const QStringList &files);

/// The script a caller named instead of the default. NotFound if it is not among `files`,
/// BadRequest if no interpreter is known for it.
Result<Entrypoint> namedEntrypoint(const Manifest &manifest, const QStringList &files,
                                   const QString &path);

/// `mode` as declared, else executable exactly if there is an entrypoint.
SkillMode effectiveMode(const Manifest &manifest, const std::optional<Entrypoint> &entrypoint);

} // namespace skillbox

#pragma once

#include "app/desktop/theme/theme.h"
#include "engine/skill/finding.h"
#include "engine/skill/skill_template.h"

#include <QHash>
#include <QString>

#include <functional>

class QWidget;

namespace skillbox {

class DraftFiles;

/// What a change would make of some files.
struct PlannedChange {
    QString title;
    QString button; ///< that makes it
    QHash<QString, QByteArray> before; ///< by name
    QHash<QString, QByteArray> after;
};

// Dialogs of the editor. None of them waits: each opens over `parent` and calls back later.

/// Shows what would change, file by file; `apply` once it is agreed to.
void showChange(QWidget *parent, const Theme &theme, const PlannedChange &change,
                std::function<void()> apply);
/// Why a rule exists and how its finding is mended.
void explainRule(QWidget *parent, const Theme &theme, const Finding &finding);
/// Asks for a name, a description, a language and a place, and makes the skill there.
void askForNewSkill(QWidget *parent, DraftFiles &files, const QString &folder,
                    std::function<void(const QString &directory)> made);
/// Asks for a line of text. `check` says what is wrong with it, or nothing.
void askForText(QWidget *parent, const QString &title, const QString &label, const QString &text,
                const QString &button, std::function<QString(const QString &)> check,
                std::function<void(const QString &)> done);
/// Save, discard or stay; `done(true)` to save.
void askToSave(QWidget *parent, const QString &file, std::function<void(bool save)> done);

} // namespace skillbox

#pragma once

#include <QList>
#include <QString>
#include <QStringList>

namespace skillbox {

/// A field of SKILL.md's header, for completion, hover and the form.
struct FrontMatterField {
    QString key;    ///< as it is written: `timeout`, `skillbox.timeout`
    QString parent; ///< `metadata`, `resources`; empty: top level
    QString help;   ///< a sentence or two, plain text
    QStringList values; ///< usual ones
    bool isMapping = false;
    bool namesFile = false; ///< its value is a script of the skill
};

/// Every known field, in the order in which they are usually written.
const QList<FrontMatterField> &frontMatterFields();
/// Null: unknown.
const FrontMatterField *findFrontMatterField(const QString &parent, const QString &key);

/// Common licence identifiers of the SPDX list.
const QStringList &commonLicenses();

} // namespace skillbox

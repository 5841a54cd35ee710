#pragma once

#include <QString>

namespace skillbox {

/// Columns the text takes on a terminal: wide East Asian characters and emoji two, combining marks
/// none. Needs a UTF-8 LC_CTYPE (see main.cpp); control characters count as none.
int displayWidth(QStringView text);

/// At most `width` columns, cut with `…` where it is longer. A width of 0 or less cuts nothing.
QString elided(const QString &text, int width);

/// Filled with spaces on the right (or left) to `width` columns; never cut.
QString padded(const QString &text, int width, Qt::Alignment alignment = Qt::AlignLeft);

/// Text that a skill or an archive may have chosen, safe to show on a terminal: control characters
/// (escape sequences begin with one) become visible Unicode control pictures, and marks that
/// reorder text (CVE-2021-42574) become `�`. Line feeds and tabs stay; a carriage return ends a
/// line.
QString printable(const QString &text);

/// The same on one line: line feeds and tabs become spaces.
QString printableLine(const QString &text);

/// Wrapped at spaces to `width` columns, following lines indented by `indent`. Words longer than a
/// line stay whole.
QString wrapped(const QString &text, int width, int indent);

/// The candidate that `word` was probably meant to be, or an empty text: Damerau-Levenshtein
/// distance of at most a third of its length, or one of which it is a prefix of 3 letters or more.
QString closestMatch(const QString &word, const QStringList &candidates);

} // namespace skillbox

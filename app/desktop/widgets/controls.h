#pragma once

#include <QFrame>
#include <QLabel>
#include <QLayout>
#include <QLineEdit>
#include <QPushButton>
#include <QToolButton>

#include <functional>

namespace skillbox {

/// The small parts that all pages are made of, in one look.

/// A label of plain text in a role of the style sheet (`title`, `heading`, `muted`, `error`,
/// `code`; empty: none) that wraps.
QLabel *textLabel(const QString &text, const QString &role = {});
/// A word on a coloured ground: `success`, `warning`, `error`, `info`, `plain`.
QLabel *badgeLabel(const QString &text, const QString &kind = QStringLiteral("plain"));
void setBadge(QLabel &label, const QString &text, const QString &kind);
/// A surface with a border, a heading and a column for more; `column` gets the column.
QFrame *card(const QString &heading, const QString &explanation, QLayout *&column);
/// What a tool tip shows as it is: Qt takes one that looks like markup for markup, and names and
/// messages come from others. Wraps.
QString plainToolTip(const QString &text);
/// The same for a widget; a screen reader gets the text without the markup that Qt needs.
void setPlainToolTip(QWidget &widget, const QString &text);
/// A button for an icon; the Tab key reaches it, and `title` is what it shows as its tool tip and
/// what is read aloud.
QToolButton *iconButton(const QString &name, const QString &title);
/// Copies what `text` returns when it is pressed, and says so for a moment.
QPushButton *copyButton(const QString &title, std::function<QString()> text);

} // namespace skillbox

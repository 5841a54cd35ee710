#pragma once

#include "engine/skill/text_position.h"

#include <QByteArray>
#include <QString>

#include <optional>

namespace skillbox {

enum class SourceKind : unsigned {
    Python = 1,
    JavaScript = 2,
    Shell = 4,
    Markdown = 8,
    Json = 16,
    Text = 32,   ///< any other text
    Binary = 64, ///< holds NUL bytes or is mostly not UTF-8
};
using SourceKinds = unsigned; ///< values of SourceKind, added up

inline constexpr SourceKinds scriptKinds = static_cast<unsigned>(SourceKind::Python)
    | static_cast<unsigned>(SourceKind::JavaScript) | static_cast<unsigned>(SourceKind::Shell);

/// By extension, else by the `#!` line, else by the bytes.
SourceKind sourceKindOf(const QString &path, QByteArrayView bytes);

/// A text and views of it that understand its language. Every view has the length of the text, with
/// spaces in place of what it leaves out, so a place in one is the same place in all. All but raw()
/// are in lower case (ASCII letters only). Made on first use; not thread-safe.
class SourceText
{
public:
    SourceText(QByteArray bytes, SourceKind kind);

    SourceKind kind() const { return m_kind; }
    const QByteArray &raw() const { return m_raw; }
    const QByteArray &lower() const;
    /// Without comments and Python's documentation strings. Of Markdown: only the fenced blocks
    /// that hold commands or code.
    const QByteArray &code() const;
    /// Also without the contents of strings; commands substituted inside a shell's string stay.
    const QByteArray &bare() const;
    /// Of Markdown: without code blocks and inline code. Of other texts: everything.
    const QByteArray &prose() const;

    TextRange range(qsizetype start, qsizetype end) const;

private:
    void split() const;

    QByteArray m_raw;
    SourceKind m_kind;
    mutable std::optional<QByteArray> m_lower;
    mutable std::optional<QByteArray> m_code;
    mutable std::optional<QByteArray> m_bare;
    mutable std::optional<QByteArray> m_prose;
    mutable std::optional<TextPosition> m_position;
};

/// ASCII letters in lower case, every other byte as it is.
QByteArray asciiLower(QByteArrayView text);

} // namespace skillbox

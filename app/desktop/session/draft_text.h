#pragma once

#include <QByteArray>
#include <QString>
#include <QStringView>

class QRegularExpressionMatch;

namespace skillbox {

/// How a text file is written besides its characters.
struct TextFormat {
    bool byteOrderMark = false;
    bool crlf = false;
    friend bool operator==(const TextFormat &, const TextFormat &) = default;
};

/// A file's bytes as text for an editor whose lines end in LF.
struct DraftText {
    enum class Kind {
        Exact,   ///< encodeDraft() gives back the same bytes
        Inexact, ///< it would not: to be shown, not to be written
        Binary,  ///< not text at all
    };
    Kind kind = Kind::Exact;
    QString text;
    TextFormat format;
    QString problem; ///< of Inexact and Binary: a sentence for people
};

DraftText decodeDraft(const QByteArray &bytes);
QByteArray encodeDraft(QStringView text, const TextFormat &format);

/// What stands for a match: \0 … \9 in `wanted` are what its groups caught, \n and \t as usual.
QString replacementOf(const QRegularExpressionMatch &match, QStringView wanted);

} // namespace skillbox

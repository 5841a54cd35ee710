#include "app/desktop/session/draft_text.h"

#include "engine/skill/text_position.h"

#include <QCoreApplication>
#include <QRegularExpression>
#include <QStringDecoder>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr QByteArrayView byteOrderMark("\xEF\xBB\xBF");

QString message(const char *text)
{
    return QCoreApplication::translate("DraftText", text);
}

/// Characters that a QTextDocument takes for the end of a paragraph.
bool isSeparator(QChar c)
{
    return c == QChar::ParagraphSeparator || c == QChar::LineSeparator || c == QChar(0xFDD0)
        || c == QChar(0xFDD1);
}

} // namespace

DraftText decodeDraft(const QByteArray &bytes)
{
    DraftText decoded;
    QByteArrayView content(bytes);
    if (content.contains('\0')) {
        decoded.kind = DraftText::Kind::Binary;
        decoded.problem = message("This is not a text file.");
        return decoded;
    }
    if (content.startsWith(byteOrderMark)) {
        decoded.format.byteOrderMark = true;
        content = content.sliced(byteOrderMark.size());
    }
    const auto invalid = firstInvalidUtf8(content);
    const qsizetype lineFeeds = content.count('\n');
    const qsizetype pairs = content.count("\r\n");
    const qsizetype returns = content.count('\r');
    decoded.format.crlf = pairs > 0 && pairs == lineFeeds;
    decoded.text = QString::fromUtf8(content);
    decoded.text.replace(u"\r\n"_s, u"\n"_s);
    if (invalid) {
        decoded.kind = DraftText::Kind::Inexact;
        decoded.problem = message("This file is not UTF-8 (first at byte %1). It is shown with "
                                  "replacement characters and cannot be changed here.")
                              .arg(*invalid + (bytes.size() - content.size()));
    } else if (returns != pairs || (pairs > 0 && pairs != lineFeeds)) {
        decoded.kind = DraftText::Kind::Inexact;
        decoded.problem = message("The lines of this file end in different ways (CRLF, LF or CR). "
                                  "Make them alike to change it here.");
        decoded.text.replace(u'\r', u'\n');
    } else if (std::any_of(decoded.text.cbegin(), decoded.text.cend(), isSeparator)) {
        decoded.kind = DraftText::Kind::Inexact;
        decoded.problem = message("This file has Unicode line or paragraph separators, which "
                                  "would be lost. Make them line feeds to change it here.");
    }
    return decoded;
}

QByteArray encodeDraft(QStringView text, const TextFormat &format)
{
    QByteArray bytes = text.toUtf8();
    if (format.crlf)
        bytes.replace("\n", "\r\n");
    if (format.byteOrderMark)
        bytes.prepend(byteOrderMark.data(), byteOrderMark.size());
    return bytes;
}

QString replacementOf(const QRegularExpressionMatch &match, QStringView wanted)
{
    QString made;
    for (qsizetype i = 0; i < wanted.size(); ++i) {
        if (wanted[i] != u'\\' || i + 1 == wanted.size()) {
            made += wanted[i];
            continue;
        }
        const QChar c = wanted[++i];
        if (c.isDigit())
            made += match.captured(c.digitValue());
        else
            made += c == u'n' ? QChar(u'\n') : c == u't' ? QChar(u'\t') : c;
    }
    return made;
}

} // namespace skillbox

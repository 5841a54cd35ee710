#include "engine/skill/yaml_scalar.h"

#include "engine/skill/text_position.h"

#include <QRegularExpression>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

bool isWhiteSpace(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

qsizetype quotedEnd(QByteArrayView header, qsizetype start)
{
    const char quote = header[start];
    for (qsizetype i = start + 1; i < header.size(); ++i) {
        if (quote == '"' && header[i] == '\\') {
            ++i;
        } else if (header[i] == quote) {
            if (quote == '"' || i + 1 == header.size() || header[i + 1] != '\'')
                return i + 1;
            ++i;
        }
    }
    return -1;
}

/// A plain text is in the source as it is, but for white space, which may be folded.
qsizetype plainEnd(QByteArrayView header, qsizetype start, std::string_view value)
{
    qsizetype i = start;
    for (const char c : value) {
        if (isWhiteSpace(c))
            continue;
        while (i < header.size() && header[i] != c && isWhiteSpace(header[i]))
            ++i;
        if (i == header.size() || header[i] != c)
            return i;
        ++i;
    }
    return i;
}

/// `|` or `>`, indicators, and the lines below that are blank or indented deeper than the key.
qsizetype blockEnd(QByteArrayView header, qsizetype start, qsizetype keyColumn)
{
    qsizetype line = nextLine(header, start);
    const auto indicators = header.sliced(start, line - start);
    // At most two indicators follow, a digit for the indentation and one for the last line ends.
    const auto two = indicators.sliced(1, std::min<qsizetype>(2, indicators.size() - 1));
    const bool keepsBlankLines = two.contains('+');
    const bool hasDigit = std::any_of(two.begin(), two.end(),
                                      [](char c) { return c >= '1' && c <= '9'; });
    qsizetype end = start + indicators.trimmed().size();
    qsizetype column = -1;
    while (line < header.size()) {
        const qsizetype next = nextLine(header, line);
        const auto text = header.sliced(line, next - line);
        if (text.trimmed().isEmpty()) {
            if (keepsBlankLines)
                end = next;
            line = next;
            continue;
        }
        qsizetype indentation = 0;
        while (text[indentation] == ' ')
            ++indentation;
        if (column < 0)
            column = keyColumn + 1 > indentation || hasDigit ? keyColumn + 1 : indentation;
        if (indentation < column)
            break;
        end = line + text.size() - (text.endsWith("\r\n") ? 2 : text.endsWith('\n') ? 1 : 0);
        line = next;
    }
    return end;
}

/// Whether the text means itself wherever a reader of YAML 1.1 or 1.2 finds it after `key: `.
bool canBePlain(const QString &value)
{
    static const QRegularExpression harmless(
        u"\\A[\\p{L}_/][\\p{L}\\p{N} _/.,;()+=!?'\"%@&*-]*\\z"_s,
        QRegularExpression::UseUnicodePropertiesOption);
    static const QRegularExpression special(u"\\A(~|null|true|false|yes|no|on|off|y|n)\\z"_s,
                                            QRegularExpression::CaseInsensitiveOption);
    static const QRegularExpression version(u"\\A[0-9]+\\.[0-9]+\\.[0-9]+[0-9A-Za-z.+-]*\\z"_s);
    static const QRegularExpression quantity(u"\\A[0-9]+(\\.[0-9]+)?(ms|[smh]|[KMGT]i?)\\z"_s);
    if (value.endsWith(u' '))
        return false;
    return (harmless.match(value).hasMatch() && !special.match(value).hasMatch())
        || version.match(value).hasMatch() || quantity.match(value).hasMatch();
}

QByteArray doubleQuoted(const QString &value)
{
    QByteArray text = "\"";
    for (const char32_t c : value.toUcs4()) {
        const auto category = QChar::category(c);
        if (c == U'"' || c == U'\\')
            text += '\\';
        if (c == U'\n')
            text += "\\n";
        else if (c == U'\t')
            text += "\\t";
        else if (category == QChar::Other_Control || c == 0xFEFF || c == 0x2028 || c == 0x2029)
            text += "\\u" + QByteArray::number(uint(c), 16).rightJustified(4, '0');
        else
            text += QString::fromUcs4(&c, 1).toUtf8();
    }
    return text + '"';
}

} // namespace

qsizetype yamlScalarEnd(QByteArrayView header, qsizetype start, std::string_view value,
                        qsizetype keyColumn)
{
    if (start >= header.size())
        return header.size();
    switch (header[start]) {
    case '"':
    case '\'': return quotedEnd(header, start);
    case '|':
    case '>': return blockEnd(header, start, keyColumn);
    default: return plainEnd(header, start, value);
    }
}

QByteArray yamlScalar(const QString &value, YamlStyle style)
{
    if (style == YamlStyle::Plain && canBePlain(value))
        return value.toUtf8();
    const bool printable = std::all_of(value.begin(), value.end(),
                                       [](QChar c) { return c.isPrint() || c.isSurrogate(); });
    if (style == YamlStyle::SingleQuoted && printable) {
        QString escaped = value;
        return '\'' + escaped.replace(u'\'', u"''"_s).toUtf8() + '\'';
    }
    return doubleQuoted(value);
}

} // namespace skillbox

#include "app/desktop/editor/completion.h"

#include "app/desktop/editor/front_matter_fields.h"
#include "engine/base/language.h"

#include <QRegularExpression>
#include <QSet>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

int indentOf(QStringView line)
{
    int indent = 0;
    while (indent < line.size() && line[indent] == u' ')
        ++indent;
    return indent;
}

const QRegularExpression &keyPattern()
{
    static const QRegularExpression pattern(u"\\A( *)([A-Za-z][\\w.-]*) *:(?: |\\z)"_s);
    return pattern;
}

/// The key that the line is below of; empty: it is at the top level.
QString parentOf(const QStringList &lines, const HeaderLines &header, int line, int indent)
{
    if (indent == 0)
        return {};
    for (int at = line - 1; at >= header.first; --at) {
        const auto match = keyPattern().match(lines.at(at));
        if (match.hasMatch() && match.capturedLength(1) < indent)
            return match.capturedLength(1) == 0 ? match.captured(2) : u"?"_s;
    }
    return {};
}

QSet<QString> keysBelow(const QStringList &lines, const HeaderLines &header,
                        const QString &parent, int except)
{
    QSet<QString> keys;
    QString top;
    for (int at = header.first; at <= header.last; ++at) {
        const auto match = keyPattern().match(lines.at(at));
        if (!match.hasMatch())
            continue;
        const bool isTop = match.capturedLength(1) == 0;
        if (isTop)
            top = match.captured(2);
        if (at != except && (isTop ? parent.isEmpty() : top == parent))
            keys.insert(match.captured(2));
    }
    return keys;
}

CompletionList completeHeader(const QStringList &lines, const HeaderLines &header, int line,
                              int column, const QStringList &files)
{
    const QString before = lines.at(line).left(column);
    const int indent = indentOf(before);
    const QString parent = parentOf(lines, header, line, indent);
    CompletionList list;
    static const QRegularExpression keyStart(u"\\A *([\\w.-]*)\\z"_s);
    if (const auto match = keyStart.match(before); match.hasMatch()) {
        list.typed = match.captured(1);
        const QSet<QString> there = keysBelow(lines, header, parent, line);
        for (const FrontMatterField &field : frontMatterFields()) {
            if (field.parent != parent || there.contains(field.key))
                continue;
            list.items.append({field.key, field.key + (field.isMapping ? u":\n  "_s : u": "_s),
                               field.help});
        }
        return list;
    }
    static const QRegularExpression valueStart(u"\\A *([A-Za-z][\\w.-]*) *: +[\"']?(.*)\\z"_s);
    const auto match = valueStart.match(before);
    if (!match.hasMatch())
        return list;
    const FrontMatterField *field = findFrontMatterField(parent, match.captured(1));
    if (!field)
        return list;
    list.typed = match.captured(2);
    if (field->namesFile) {
        for (const QString &file : files) {
            if (languageOfScript(file))
                list.items.append({file, file, {}});
        }
    }
    if (field->key == "skillbox.capabilities"_L1)
        list.typed = list.typed.section(u' ', -1);
    for (const QString &value : field->values)
        list.items.append({value, value, field->help});
    return list;
}

} // namespace

std::optional<HeaderLines> headerLines(const QStringList &lines)
{
    int first = 0;
    while (first < lines.size() && lines.at(first).trimmed().isEmpty())
        ++first;
    if (first == lines.size() || lines.at(first).trimmed() != "---"_L1)
        return std::nullopt;
    HeaderLines header{first + 1, static_cast<int>(lines.size()) - 1};
    for (int at = header.first; at < lines.size(); ++at) {
        if (lines.at(at).trimmed() == "---"_L1) {
            header.last = at - 1;
            break;
        }
    }
    return header;
}

CompletionList completeMarkdown(const QStringList &lines, int line, int column,
                                const QStringList &files)
{
    if (line < 0 || line >= lines.size())
        return {};
    const auto header = headerLines(lines);
    if (header && line >= header->first && line <= header->last)
        return completeHeader(lines, *header, line, column, files);
    if (header && line < header->first)
        return {};
    const QString before = lines.at(line).left(column);
    static const QRegularExpression link(u"\\]\\(([^()\\s]*)\\z"_s);
    static const QRegularExpression code(u"\\A(?:[^`]*`[^`]*`)*[^`]*`(?:[^`]* )?([\\w./-]*)\\z"_s);
    auto match = link.match(before);
    if (!match.hasMatch())
        match = code.match(before);
    CompletionList list;
    if (!match.hasMatch())
        return list;
    list.typed = match.captured(1);
    for (const QString &file : files) {
        if (file != "SKILL.md"_L1)
            list.items.append({file, file, {}});
    }
    return list;
}

QString fieldHelpAt(const QStringList &lines, int line, int column)
{
    const auto header = headerLines(lines);
    if (!header || line < header->first || line > header->last || line >= lines.size())
        return {};
    const auto match = keyPattern().match(lines.at(line));
    if (!match.hasMatch() || column > match.capturedEnd(2))
        return {};
    const QString parent = parentOf(lines, *header, line,
                                    static_cast<int>(match.capturedLength(1)));
    const FrontMatterField *field = findFrontMatterField(parent, match.captured(2));
    return field ? field->help : QString();
}

} // namespace skillbox

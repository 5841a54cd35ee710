#pragma once

#include <QByteArray>
#include <QList>

#include <optional>

namespace skillbox::test {

/// Applies unified hunks strictly: every line number, count, context and deleted line must fit.
/// Nothing if they do not.
inline std::optional<QByteArray> patchText(const QByteArray &from, const QByteArray &hunks)
{
    const auto split = [](const QByteArray &text) {
        QList<QByteArray> lines;
        for (qsizetype start = 0; start < text.size();) {
            const qsizetype end = text.indexOf('\n', start);
            const qsizetype next = end < 0 ? text.size() : end + 1;
            lines.append(text.mid(start, next - start));
            start = next;
        }
        return lines;
    };
    const QList<QByteArray> old = split(from);
    QList<QByteArray> patch = split(hunks);
    // A line without an end is written with one and a remark after it.
    for (qsizetype i = 1; i < patch.size(); ++i) {
        if (patch[i] == "\\ No newline at end of file\n") {
            patch[i - 1].chop(1);
            patch.removeAt(i--);
        }
    }
    QByteArray result;
    qsizetype taken = 0; // lines of the old text
    qsizetype made = 0;  // lines of the new one
    for (qsizetype i = 0; i < patch.size();) {
        int oldStart = 0;
        int oldCount = 0;
        int newStart = 0;
        int newCount = 0;
        if (std::sscanf(patch[i++].constData(), "@@ -%d,%d +%d,%d @@", &oldStart, &oldCount,
                        &newStart, &newCount)
            != 4)
            return std::nullopt;
        const qsizetype begin = oldCount == 0 ? oldStart : oldStart - 1;
        if (begin < taken || begin > old.size())
            return std::nullopt;
        for (; taken < begin; ++taken, ++made)
            result += old[taken];
        if (made != (newCount == 0 ? newStart : newStart - 1))
            return std::nullopt;
        while (oldCount > 0 || newCount > 0) {
            if (i >= patch.size() || patch[i].isEmpty())
                return std::nullopt;
            const char mark = patch[i][0];
            const QByteArray line = patch[i++].mid(1);
            if (mark != '+' && (taken >= old.size() || old[taken++] != line))
                return std::nullopt;
            if (mark != '-') {
                result += line;
                ++made;
            }
            oldCount -= mark != '+';
            newCount -= mark != '-';
        }
        if (oldCount != 0 || newCount != 0)
            return std::nullopt;
    }
    for (; taken < old.size(); ++taken)
        result += old[taken];
    return result;
}

} // namespace skillbox::test
